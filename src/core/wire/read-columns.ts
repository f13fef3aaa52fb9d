import { type Category, type Column, entryColumns, isText } from '../category/define-category.ts';
import type { EntryColumns, NumberColumn, TextColumn } from '../category/entry-columns.ts';
import {
  badEntry,
  checkCount,
  checkText,
  findUnknownColumn,
  isObject,
  kindOf,
  readNumber,
  readTimestamp,
} from './check-value.ts';

/** Text as it is sent: an entry has an index into the dictionary, or null. */
interface SentTexts {
  readonly dictionary: readonly unknown[];
  readonly indices: readonly unknown[];
}

/** A column as it is sent. */
type SentColumn = SentTexts | readonly unknown[];

/**
 * Reads entries from an object of columns: `{"process": {"dictionary": ["dd"], "indices": [0, 0]}, "pid": [1, 2], ...}`. A
 * text of the dictionary is checked where an entry has it; whatever no entry has is passed over. Throws `bad_batch`, and
 * `too_large` for too many entries.
 */
export function readColumns(category: Category, json: Record<string, unknown>): EntryColumns {
  const unknown = findUnknownColumn({ category }, Object.keys(json));
  if (unknown !== undefined) throw unknown;
  const columns = entryColumns(category);
  const sent = columns.map((column) => findColumn(category, column, json[column.name]));
  const times = readArray(category, 'time', json.time);
  const length = Math.max(0, ...[...sent, times].map((some) => lengthOf(some) ?? 0));
  checkCount(category, length);
  for (const [c, column] of columns.entries()) {
    const missing = sent[c] === undefined && !column.optional && length > 0;
    if (missing) throw badEntry({ category, index: 0, column: column.name }, 'it is missing');
    checkLength(category, column.name, sent[c], length);
  }
  checkLength(category, 'time', times, length);
  const values = columns.map((column, c) => {
    const some = sent[c] ?? (column.optional ? undefined : noEntries(column));
    if (some === undefined) return undefined;
    return 'dictionary' in some ? readTexts(category, column, some) : readNumbers(category, column, some);
  });
  const timesUs = times && readTimes(category, times);
  return timesUs === undefined ? { category, length, values } : { category, length, values, timesUs };
}

function findColumn(category: Category, column: Column, json: unknown): SentColumn | undefined {
  if (!isText(column)) return readArray(category, column.name, json);
  if (json === undefined || json === null) return undefined;
  const refuse = (reason: string) =>
    badEntry({ category, column: column.name }, reason, ['an entry stands in an array of entries: [{...}]']);
  if (!isObject(json)) throw refuse(`it is ${kindOf(json)}, not an object of 'dictionary' and 'indices'`);
  const stranger = Object.keys(json).find((key) => key !== 'dictionary' && key !== 'indices');
  if (stranger !== undefined) throw refuse(`'${stranger}' is neither 'dictionary' nor 'indices'`);
  const { dictionary, indices } = json;
  if (!Array.isArray(dictionary)) throw refuse(`its 'dictionary' is ${kindOf(dictionary)}, not an array`);
  if (!Array.isArray(indices)) throw refuse(`its 'indices' is ${kindOf(indices)}, not an array`);
  return { dictionary, indices };
}

function readArray(category: Category, column: string, json: unknown): unknown[] | undefined {
  if (json === undefined || json === null) return undefined;
  if (Array.isArray(json)) return json;
  throw badEntry({ category, column }, `it is ${kindOf(json)}, not an array`);
}

function lengthOf(sent: SentColumn | undefined): number | undefined {
  if (sent === undefined) return undefined;
  return 'dictionary' in sent ? sent.indices.length : sent.length;
}

/** The first entry that a column says nothing of is the one that is wrong. */
function checkLength(category: Category, column: string, sent: SentColumn | undefined, length: number): void {
  const own = lengthOf(sent);
  if (own === undefined || own === length) return;
  throw badEntry(
    { category, index: own, column },
    `it is missing: the column ends here, and another has ${length} values`,
  );
}

function noEntries(column: Column): SentColumn {
  return isText(column) ? { dictionary: [], indices: [] } : [];
}

function readTexts(category: Category, column: Column, sent: SentTexts): TextColumn | undefined {
  // Numbered anew, as entries come to them: texts that no entry has are left behind.
  const dictionary: string[] = [];
  const codes = new Int32Array(sent.dictionary.length).fill(-1);
  const indices = codeIndices(sent.indices, codes, (index) => {
    const place = sent.indices[index];
    if (typeof place !== 'number') {
      checkAbsent(category, index, column, place, 'an index of its dictionary');
      return -1;
    }
    if (codes[place] === undefined) {
      const reason = `${place} is not an index of its dictionary, which has ${codes.length} texts`;
      throw badEntry({ category, index, column: column.name }, reason);
    }
    const code = dictionary.push(checkText(category, index, column, sent.dictionary[place])) - 1;
    codes[place] = code;
    return code;
  });
  return column.optional && dictionary.length === 0 ? undefined : { dictionary, indices };
}

/** Gives the code of each index: that which it has already, or else what `read` gives. */
function codeIndices(
  sent: readonly unknown[],
  codes: Int32Array,
  read: (index: number) => number,
): Int32Array {
  const coded = new Int32Array(sent.length);
  for (let index = 0; index < sent.length; index++) {
    const place = sent[index];
    const code = typeof place === 'number' ? codes[place] : undefined;
    coded[index] = code === undefined || code < 0 ? read(index) : code;
  }
  return coded;
}

function readNumbers(category: Category, column: Column, json: readonly unknown[]): NumberColumn | undefined {
  const numbers = new Float64Array(json.length);
  // Numbers above this need no closer look: negative ones, and -0, are not the same to every column.
  const good = column.type === 'timestamp' ? Number.POSITIVE_INFINITY : 0;
  let absent = 0;
  for (let index = 0; index < json.length; index++) {
    const value = json[index];
    if (Number.isSafeInteger(value) && (value as number) > good) numbers[index] = value as number;
    else if (value === null) {
      checkAbsent(category, index, column, value, '');
      numbers[index] = Number.NaN;
      absent++;
    } else numbers[index] = readNumber(category, index, column, value);
  }
  return column.optional && absent === json.length ? undefined : numbers;
}

function readTimes(category: Category, json: readonly unknown[]): NumberColumn | undefined {
  const timesUs = new Float64Array(json.length);
  for (const [index, time] of json.entries())
    timesUs[index] = time === null ? Number.NaN : readTimestamp({ category, index, column: 'time' }, time);
  return timesUs.some((time) => !Number.isNaN(time)) ? timesUs : undefined;
}

/** Checks what stands for no value. Throws `bad_batch` unless it is null, and the column may be absent. */
function checkAbsent(
  category: Category,
  index: number,
  column: Column,
  value: unknown,
  wanted: string,
): void {
  if (value === null && column.optional) return;
  const reason = value === null ? 'it is missing' : `it is ${kindOf(value)}, not ${wanted}`;
  throw badEntry({ category, index, column: column.name }, reason);
}
