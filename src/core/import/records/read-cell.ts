import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { parseTimestampUs } from '../../base/timestamp.ts';
import { type ElapsedUnit, nsPerUnit } from '../../base/units.ts';
import type { Column, Value } from '../../category/define-category.ts';
import { readLiteral } from '../../query/read-literal.ts';

/** What numbers without a unit are, where the input does not say. */
export interface CellOptions {
  /** Unit of durations; that of the column without it. */
  readonly unit?: ElapsedUnit;
  /** Unit of times that are counted from 1970 on; such times are refused without it. */
  readonly epoch?: ElapsedUnit;
}

const numeric = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** Reads what somebody wrote into the stored form of a column; null for nothing. Throws `bad_value` with the reason. */
export function readCell(column: Column, written: unknown, options: CellOptions): Value {
  if (written === null || written === undefined) return null;
  if (column.type === 'string' || column.type === 'stack') return readText(column, written);
  // An empty field of a CSV file.
  if (written === '') return null;
  switch (column.type) {
    case 'timestamp':
      return readTime(written, options.epoch);
    case 'int':
      return checkWhole(readNumber(column, written));
    case 'elapsed':
      return readElapsed(column, written, options.unit);
  }
}

function readText(column: Column, written: unknown): string {
  const isStack = column.type === 'stack';
  const text =
    isStack && Array.isArray(written)
      ? written.map((frame) => String(frame).replaceAll(';', ':')).join(';')
      : written;
  if (typeof text === 'object')
    throw bad(`it is ${Array.isArray(text) ? 'an array' : 'an object'}, not text`);
  const result = String(text);
  if (!result.isWellFormed()) throw bad('it holds half of a surrogate pair');
  if (result.includes('\0')) throw bad('it holds a NUL character');
  return result;
}

function readTime(written: unknown, epoch: ElapsedUnit | undefined): number {
  const isNumber = typeof written === 'number' || (typeof written === 'string' && numeric.test(written));
  if (!isNumber) {
    if (typeof written === 'string') return parseTimestampUs(written);
    throw bad(`${JSON.stringify(written)} is no time`);
  }
  if (epoch === undefined) {
    throw new KernelscopeError('bad_value', `${written} is a number, and a time was to be there`, {
      suggestions: ['say what it counts from 1970 on: --epoch s, or ms, us, ns'],
    });
  }
  return checkWhole(Math.round((Number(written) * nsPerUnit(epoch)) / 1000));
}

function readElapsed(column: Column, written: unknown, unit: ElapsedUnit | undefined): number {
  const isBare = typeof written === 'number' || (typeof written === 'string' && numeric.test(written));
  const stored = nsPerUnit(column.unit ?? 'us');
  const value = isBare
    ? (Number(written) * (unit === undefined ? stored : nsPerUnit(unit))) / stored
    : readNumber(column, written);
  // A fraction of the column's own unit is nothing that it can hold.
  const whole = checkWhole(Math.round(value));
  if (whole < 0) throw bad(`${written} is negative, and a duration cannot be`);
  return whole;
}

function readNumber(column: Column, written: unknown): number {
  if (typeof written === 'number') return written;
  if (typeof written === 'string') return readLiteral(column, written, 0) as number;
  throw bad(`${JSON.stringify(written)} is no number`);
}

function checkWhole(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw bad(`${value} is not a whole number of at most 2^53 - 1`);
}

function bad(message: string): KernelscopeError {
  return new KernelscopeError('bad_value', message);
}
