import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseTimestampUs } from '../base/timestamp.ts';
import {
  type Category,
  type Column,
  entryColumns,
  reservedCategoryNames,
  type Value,
} from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { Batch, Labels } from './batch.ts';

/** Finds categories by name: the built-in ones and those declared at run time. */
export type CategoryLookup = ReadonlyMap<string, Category>;

const MAX_HOSTNAME_LENGTH = 255;
const MAX_LABEL_LENGTH = 255;
const MAX_LABELS = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body of `POST /` on the logger (SPEC 2). Throws `bad_batch`, naming category, entry index, column and
 * reason, and `unknown_category`. All or nothing: a batch with one bad entry throws.
 */
export function decodeBatch(body: Uint8Array, categories: CategoryLookup): Batch {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch (error) {
    throw new KernelscopeError('bad_batch', 'the body is not valid UTF-8', { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new KernelscopeError('bad_batch', `the body is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return readBatch(json, categories);
}

/** Checks a batch that is already parsed JSON; errors as of `decodeBatch`. */
export function readBatch(json: unknown, categories: CategoryLookup): Batch {
  if (!isObject(json))
    throw new KernelscopeError('bad_batch', `the body is ${kindOf(json)}, not a JSON object`);
  const timeUs = readTime(json.time, "'time'");
  const entries: EntryColumns[] = [];
  for (const key of Object.keys(json)) {
    if (reservedCategoryNames.includes(key)) continue;
    const category = categories.get(key);
    if (category === undefined) {
      throw new KernelscopeError('unknown_category', `there is no category '${key}'`, {
        suggestions: suggestNames(key, categories.keys()),
      });
    }
    entries.push(readEntries(category, json[key]));
  }
  return {
    hostname: readText(json.hostname, "'hostname'", MAX_HOSTNAME_LENGTH),
    timeUs,
    labels: readLabels(json.labels),
    lost: readLost(json.lost),
    entries,
  };
}

function readEntries(category: Category, json: unknown): EntryColumns {
  if (!Array.isArray(json)) {
    throw new KernelscopeError('bad_batch', `'${category.name}' is ${kindOf(json)}, not an array of entries`);
  }
  const columns = entryColumns(category);
  const length = json.length;
  const values = columns.map(({ optional }): Value[] | undefined =>
    optional ? undefined : new Array<Value>(length),
  );
  let timesUs: (number | null)[] | undefined;
  for (let index = 0; index < length; index++) {
    const entry: unknown = json[index];
    if (!isObject(entry)) throw badEntry(category, index, undefined, `it is ${kindOf(entry)}, not an object`);
    let known = 0;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const value = entry[column.name];
      if (value === undefined || value === null) {
        if (!column.optional) throw badEntry(category, index, column.name, 'it is missing');
        if (value === null) known++;
        continue;
      }
      known++;
      let cells = values[c];
      if (cells === undefined) {
        cells = new Array<Value>(length).fill(null);
        values[c] = cells;
      }
      cells[index] =
        typeof value === 'string' && isText(column)
          ? checkText(category, index, column, value)
          : readValue(category, index, column, value);
    }
    const time = entry.time;
    if (time !== undefined) {
      known++;
      timesUs ??= new Array<number | null>(length).fill(null);
      timesUs[index] = time === null ? null : readEntryTime(category, index, time);
    }
    if (countKeys(entry) !== known) throw unknownKey(category, index, entry);
  }
  return timesUs === undefined ? { category, length, values } : { category, length, values, timesUs };
}

function isText(column: Column): boolean {
  return column.type === 'string' || column.type === 'stack';
}

function checkText(category: Category, index: number, column: Column, value: string): string {
  if (!value.isWellFormed())
    throw badEntry(category, index, column.name, 'it holds half of a surrogate pair');
  if (value.includes('\0')) throw badEntry(category, index, column.name, 'it holds a NUL character');
  return value;
}

function readValue(category: Category, index: number, column: Column, value: unknown): Value {
  switch (column.type) {
    case 'string':
    case 'stack':
      throw badEntry(category, index, column.name, `it is ${kindOf(value)}, not a string`);
    case 'timestamp':
      if (typeof value !== 'string')
        throw badEntry(category, index, column.name, `it is ${kindOf(value)}, not a timestamp`);
      return withPlace(category, index, column.name, () => parseTimestampUs(value));
    case 'int':
    case 'elapsed':
      if (typeof value !== 'number')
        throw badEntry(category, index, column.name, `it is ${kindOf(value)}, not a whole number`);
      if (!Number.isSafeInteger(value)) {
        throw badEntry(category, index, column.name, `${value} is not a whole number of at most 2^53 - 1`);
      }
      if (column.type === 'elapsed' && value < 0)
        throw badEntry(category, index, column.name, `${value} is negative`);
      // -0 would come back as 0.
      return value === 0 ? 0 : value;
  }
}

function readEntryTime(category: Category, index: number, time: unknown): number {
  if (typeof time !== 'string')
    throw badEntry(category, index, 'time', `it is ${kindOf(time)}, not a timestamp`);
  return withPlace(category, index, 'time', () => parseTimestampUs(time));
}

function withPlace<T>(category: Category, index: number, column: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelscopeError)
      throw badEntry(category, index, column, error.message, error.suggestions);
    throw error;
  }
}

function unknownKey(category: Category, index: number, entry: Record<string, unknown>): KernelscopeError {
  const names = [...entryColumns(category).map((column) => column.name), 'time'];
  const key = Object.keys(entry).find((name) => !names.includes(name)) ?? '';
  return badEntry(category, index, key, 'the category has no such column', suggestNames(key, names));
}

function badEntry(
  category: Category,
  index: number,
  column: string | undefined,
  reason: string,
  suggestions: readonly string[] = [],
): KernelscopeError {
  const place = column === undefined ? '' : `, column '${column}'`;
  return new KernelscopeError('bad_batch', `${category.name}, entry ${index}${place}: ${reason}`, {
    suggestions,
  });
}

function readTime(value: unknown, what: string): number {
  if (value === undefined) throw new KernelscopeError('bad_batch', `${what} is missing`);
  if (typeof value !== 'string')
    throw new KernelscopeError('bad_batch', `${what} is ${kindOf(value)}, not a timestamp`);
  try {
    return parseTimestampUs(value);
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    throw new KernelscopeError('bad_batch', `${what}: ${error.message}`, { suggestions: error.suggestions });
  }
}

function readText(value: unknown, what: string, maxLength: number): string {
  if (value === undefined) throw new KernelscopeError('bad_batch', `${what} is missing`);
  if (typeof value !== 'string')
    throw new KernelscopeError('bad_batch', `${what} is ${kindOf(value)}, not a string`);
  if (value.length === 0) throw new KernelscopeError('bad_batch', `${what} is empty`);
  if (value.length > maxLength)
    throw new KernelscopeError('bad_batch', `${what} is longer than ${maxLength} characters`);
  if (!value.isWellFormed() || value.includes('\0')) {
    throw new KernelscopeError('bad_batch', `${what} holds a NUL character or half of a surrogate pair`);
  }
  return value;
}

function readLabels(value: unknown): Labels {
  if (value === undefined) return {};
  if (!isObject(value))
    throw new KernelscopeError('bad_batch', `'labels' is ${kindOf(value)}, not an object`);
  const keys = Object.keys(value).sort();
  if (keys.length > MAX_LABELS)
    throw new KernelscopeError('bad_batch', `there are more than ${MAX_LABELS} labels`);
  const labels = keys.map(
    (key) => [readText(key, 'the name of a label', MAX_LABEL_LENGTH), readLabel(key, value[key])] as const,
  );
  return Object.fromEntries(labels);
}

function readLabel(key: string, value: unknown): string {
  return value === '' ? '' : readText(value, `label '${key}'`, MAX_LABEL_LENGTH);
}

function readLost(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new KernelscopeError('bad_batch', "'lost' is not a whole number of at least 0");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return (
    { string: 'a string', number: 'a number', boolean: 'a boolean', object: 'an object' }[
      typeof value as string
    ] ?? 'missing'
  );
}

function countKeys(entry: Record<string, unknown>): number {
  // for-in over objects of one shape is several times faster than Object.keys, and JSON makes own keys alone.
  let count = 0;
  for (const _ in entry) count++;
  return count;
}
