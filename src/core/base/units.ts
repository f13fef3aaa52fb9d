import { KernelscopeError } from './kernelscope-error.ts';

/** The units an `elapsed` column can be declared in. */
export const elapsedUnits = ['ns', 'us', 'ms', 's'] as const;
export type ElapsedUnit = (typeof elapsedUnits)[number];

const nsPer = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3_600e9,
  d: 86_400e9,
  w: 604_800e9,
} as const;
const bytesPer = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

/** Unit, its nanoseconds, and those from which on the next unit is used. */
const durationSteps = [
  ['ns', 1, 1e3],
  ['us', 1e3, 1e6],
  ['ms', 1e6, 1e9],
  ['s', 1e9, 60e9],
  ['m', 60e9, 3_600e9],
  ['h', 3_600e9, 86_400e9],
] as const;

const quantity = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*([a-zA-Zµ]*)$/;

/** How many nanoseconds one of `unit` is. */
export function nsPerUnit(unit: ElapsedUnit): number {
  return nsPer[unit];
}

/**
 * Reads a duration such as `5ms`, `1.5s`, `2h` or `7d` into nanoseconds. A bare number is in `bareUnit`; without
 * one a unit is required. Throws `bad_value`.
 */
export function parseDurationNs(text: string, bareUnit?: ElapsedUnit): number {
  const match = quantity.exec(text.trim());
  const unit = match?.[2] || bareUnit;
  if (match === null || unit === undefined || !Object.hasOwn(nsPer, unit)) {
    throw new KernelscopeError('bad_value', `'${text}' is not a duration`, {
      suggestions: ['write a number with one of the units ns, us, ms, s, m, h, d, w, like 5ms or 2h'],
    });
  }
  return tidyProduct(Number(match[1]), nsPer[unit as keyof typeof nsPer]);
}

/** Reads a size such as `10MB`, `1GiB` or a bare number of bytes into bytes. Throws `bad_value`. */
export function parseSizeBytes(text: string): number {
  const match = quantity.exec(text.trim());
  const unit = match?.[2] || 'B';
  if (match === null || !Object.hasOwn(bytesPer, unit) || Number(match[1]) < 0) {
    throw new KernelscopeError('bad_value', `'${text}' is not a size`, {
      suggestions: ['write a number with one of the units B, kB, MB, GB, KiB, MiB, GiB, like 10MB'],
    });
  }
  return Math.round(tidyProduct(Number(match[1]), bytesPer[unit as keyof typeof bytesPer]));
}

/** Prints nanoseconds with three significant digits in the unit that fits: `812 ns`, `5.12 ms`, `1.5 h`. */
export function formatDurationNs(ns: number): string {
  let size = Math.abs(ns);
  const sign = ns < 0 ? '-' : '';
  for (const [unit, divisor, next] of durationSteps) {
    const shown = Number((size / divisor).toPrecision(3)) * divisor;
    if (shown < next) return `${sign}${significant(size / divisor)} ${unit}`;
    // 999.9996 us rounds to 1000 us, which the next unit says better; and 59.96 s is 1 m, not 0.999 m.
    size = Math.max(size, next);
  }
  return `${sign}${significant(size / 86_400e9)} d`;
}

/** Prints bytes with three significant digits in decimal units: `412 B`, `1.25 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let index = 0;
  while (Number(Math.abs(value).toPrecision(3)) >= 1000 && index < units.length - 1) {
    value /= 1000;
    index++;
  }
  return `${index === 0 ? Math.round(value) : significant(value)} ${units[index]}`;
}

/** Prints a whole number with commas between thousands: `4,113`. */
export function formatCount(count: number): string {
  // toLocaleString would first load the data of all languages: 5 ms.
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function significant(value: number): string {
  const text = value.toPrecision(3);
  return text.includes('e')
    ? String(Math.round(value))
    : text.includes('.')
      ? text.replace(/\.?0+$/, '')
      : text;
}

/** 1.1 * 1e9 is 1100000000.0000002 in doubles; a duration that a person wrote is meant to the nanosecond. */
function tidyProduct(value: number, factor: number): number {
  const product = value * factor;
  const rounded = Math.round(product);
  return Math.abs(product - rounded) < 1e-6 * Math.max(1, Math.abs(product) * 1e-9) ? rounded : product;
}
