import type { GrowthVerdict } from '../../compare/judge-growth.ts';
import type { LimitVerdict } from '../../compare/judge-limit.ts';
import type { Interval } from '../../compare/mean-interval.ts';
import type { WeightUnit } from '../../stack/weight-unit.ts';
import { formatRelative } from '../diff/describe-comparison.ts';
import { formatWeight } from '../format-weight.ts';

/** Says how a value stands to its limit. */
export function describeLimit({ value, runs, interval }: LimitVerdict, unit: WeightUnit): string {
  if (value === undefined) return 'no data';
  const sure =
    interval === undefined ? [] : [`95% interval ${range(interval, (end) => formatWeight(end, unit))}`];
  return `${formatWeight(value, unit)} (${[runsOf(runs), ...sure].join(', ')})`;
}

/** Says how a value has grown. */
export function describeGrowth(verdict: GrowthVerdict, unit: WeightUnit): string {
  const { base, now, growth, relative, interval } = verdict;
  if (base === undefined || now === undefined || growth === undefined) {
    return `no data ${base === undefined ? 'of the base' : 'now'}`;
  }
  const change =
    relative === undefined
      ? `${signed(growth, unit)} from nothing`
      : relative === 0
        ? 'no change'
        : formatRelative(relative);
  const words = [
    base.runs === 1 && now.runs === 1
      ? 'one run each: how much runs differ is not known'
      : `${base.runs} → ${now.runs} runs`,
  ];
  if (interval !== undefined) {
    const print = (end: number) =>
      base.mean === 0 ? signed(end, unit) : end === 0 ? '0%' : formatRelative(end / Math.abs(base.mean));
    words.push(`95% interval ${range(interval, print)}`);
  }
  return `${formatWeight(base.mean, unit)} → ${formatWeight(now.mean, unit)}, ${change} (${words.join(', ')})`;
}

function runsOf(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`;
}

function range({ low, high }: Interval, print: (end: number) => string): string {
  return `${print(low)} to ${print(high)}`;
}

function signed(weight: number, unit: WeightUnit): string {
  return `${weight < 0 ? '-' : '+'}${formatWeight(Math.abs(weight), unit)}`;
}
