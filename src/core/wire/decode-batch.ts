import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { parseTimestampUs } from '../base/timestamp.ts';
import { type Category, reservedCategoryNames } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { Batch, Labels } from './batch.ts';
import { isObject, kindOf } from './check-value.ts';
import { readColumns } from './read-columns.ts';
import { readEntries } from './read-entries.ts';

/** Finds categories by name: the built-in ones and those declared at run time. */
export type CategoryLookup = ReadonlyMap<string, Category>;

const MAX_HOSTNAME_LENGTH = 255;
const MAX_LABEL_LENGTH = 255;
const MAX_LABELS = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body of `POST /` on the logger (SPEC 2), each category's entries as an array of objects or as an object of
 * columns. Throws `bad_batch`, naming category, entry index, column and reason, `unknown_category`, and `too_large` for too
 * many entries. All or nothing: a batch with one bad entry throws.
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

function readBatch(json: unknown, categories: CategoryLookup): Batch {
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
    entries.push(readCategory(category, json[key]));
  }
  return {
    hostname: readText(json.hostname, "'hostname'", MAX_HOSTNAME_LENGTH),
    timeUs,
    labels: readLabels(json.labels),
    lost: readLost(json.lost),
    entries,
  };
}

function readCategory(category: Category, json: unknown): EntryColumns {
  if (Array.isArray(json)) return readEntries(category, json);
  if (isObject(json)) return readColumns(category, json);
  throw new KernelscopeError(
    'bad_batch',
    `'${category.name}' is ${kindOf(json)}, not an array of entries or an object of columns`,
  );
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
