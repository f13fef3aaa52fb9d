import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseTimestampUs } from '../base/timestamp.ts';
import { type Category, type Column, entryColumns } from '../category/define-category.ts';

/** Entries of a category that a batch may have: as columns of zeros, some millions would fit into a small body. */
const MAX_ENTRIES = 2 ** 20;

/** Where a value stands: its category, and its entry where it is of one. */
export interface Place {
  readonly category: Category;
  readonly index?: number;
  readonly column?: string;
}

/** Checks how many entries there are. Throws `too_large`. */
export function checkCount(category: Category, length: number): void {
  if (length <= MAX_ENTRIES) return;
  throw new KernelscopeError(
    'too_large',
    `${category.name}: ${length} entries are more than ${MAX_ENTRIES}`,
    {
      suggestions: ['send fewer entries at a time'],
    },
  );
}

/** Checks a text. Throws `bad_batch`. */
export function checkText(category: Category, index: number, column: Column, value: unknown): string {
  if (typeof value !== 'string')
    throw badEntry({ category, index, column: column.name }, `it is ${kindOf(value)}, not a string`);
  if (!value.isWellFormed())
    throw badEntry({ category, index, column: column.name }, 'it holds half of a surrogate pair');
  if (value.includes('\0'))
    throw badEntry({ category, index, column: column.name }, 'it holds a NUL character');
  return value;
}

/** Reads a value of a column of numbers or timestamps. Throws `bad_batch`. */
export function readNumber(category: Category, index: number, column: Column, value: unknown): number {
  if (column.type === 'timestamp') return readTimestamp({ category, index, column: column.name }, value);
  const refuse = (reason: string) => badEntry({ category, index, column: column.name }, reason);
  if (typeof value !== 'number') throw refuse(`it is ${kindOf(value)}, not a whole number`);
  if (!Number.isSafeInteger(value)) throw refuse(`${value} is not a whole number of at most 2^53 - 1`);
  if (column.type === 'elapsed' && value < 0) throw refuse(`${value} is negative`);
  // -0 would come back as 0.
  return value === 0 ? 0 : value;
}

/** Reads a timestamp of an entry, in microseconds since 1970 UTC. Throws `bad_batch`. */
export function readTimestamp(place: Place, value: unknown): number {
  if (typeof value !== 'string') throw badEntry(place, `it is ${kindOf(value)}, not a timestamp`);
  try {
    return parseTimestampUs(value);
  } catch (error) {
    if (error instanceof KernelscopeError) throw badEntry(place, error.message, error.suggestions);
    throw error;
  }
}

/** The refusal of a value, or of an entry, that says where it stands. */
export function badEntry(
  { category, index, column }: Place,
  reason: string,
  suggestions: readonly string[] = [],
): KernelscopeError {
  const entry = index === undefined ? '' : `, entry ${index}`;
  const name = column === undefined ? '' : `, column '${column}'`;
  return new KernelscopeError('bad_batch', `${category.name}${entry}${name}: ${reason}`, { suggestions });
}

/** The refusal of the first of the names that is not that of a column; undefined where each is. */
export function findUnknownColumn(
  { category, index }: Place,
  names: readonly string[],
): KernelscopeError | undefined {
  const known = [...entryColumns(category).map((column) => column.name), 'time'];
  const column = names.find((name) => !known.includes(name));
  if (column === undefined) return undefined;
  const place = { category, column, ...(index !== undefined && { index }) };
  return badEntry(place, 'the category has no such column', suggestNames(column, known));
}

/** Tells whether parsed JSON is an object, and no array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says what kind of JSON a value is. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return (
    { string: 'a string', number: 'a number', boolean: 'a boolean', object: 'an object' }[
      typeof value as string
    ] ?? 'missing'
  );
}
