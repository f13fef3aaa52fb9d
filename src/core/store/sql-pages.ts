import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { SqlCell } from './index.ts';

/** Rows of one page. */
export const ROWS_PER_PAGE = 1000;

/** Makes a value as a database gives it fit to be printed. */
export function toCell(value: unknown): SqlCell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value instanceof Date ? value.toISOString() : String(value);
}

/** The error for a statement that asks nothing: one that would write, attach or set something. */
export function noQuestion(): KernelscopeError {
  return new KernelscopeError('bad_query', 'the statement gives no rows, and only questions are taken here', {
    suggestions: ['ask something: select process, sum(elapsed) from offcputime group by process'],
  });
}

/** Tells names apart that stand more than once: the second `count(*)` is `count(*)_2`. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name}_${number}`;
    taken.add(unique);
    return unique;
  });
}
