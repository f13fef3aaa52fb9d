import { formatBytes, formatCount, formatDurationNs, nsPerUnit } from '../base/units.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';

/** Prints a weight with its unit: `5.12 ms`, `1.25 MB`, `4,113`. */
export function formatWeight(weight: number, unit: WeightUnit): string {
  if (unit === 'bytes') return formatBytes(weight);
  if (unit === 'count')
    return Number.isInteger(weight) ? formatCount(weight) : String(Number(weight.toPrecision(6)));
  return formatDurationNs(weight * nsPerUnit(unit));
}

/** Prints a part of a whole as per cent with three digits at most: `45.2%`, `0.04%`; `<0.01%` where it is less. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '0%';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.01) return '<0.01%';
  return `${Number(percent.toFixed(percent < 1 ? 2 : 1))}%`;
}
