import { type Category, type Column, entryColumns, isText } from '../category/define-category.ts';
import {
  type EntryColumns,
  type NumberColumn,
  TextCoder,
  type TextColumn,
} from '../category/entry-columns.ts';
import {
  badEntry,
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
type SentColumn = SentTexts | unknown[];

/**
 * Reads entries from an object of columns: `{"process": {"dictionary": ["dd"], "indices": [0, 0]}, "pid": [1, 2], ...}`. A
 * text of the dictionary is checked where an entry has it; whatever no entry has is passed over. Throws `bad_batch`.
 */
export function readColumns(category: Category, json: Record<string, unknown>): EntryColumns {
  const unknown = findUnknownColumn({ category }, Object.keys(json));
  if (unknown !== undefined) throw unknown;
  const columns = entryColumns(category);
  const sent = columns.map((column) => findColumn(category, column, json[column.name]));
  const times = readArray(category, 'time', json.time);
  const length = Math.max(0, ...[...sent, times].map((some) => lengthOf(some) ?? 0));
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

function readTexts(
  category: Category,
  column: Column,
  { dictionary, indices }: SentTexts,
): TextColumn | undefined {
  // Numbered anew: texts that stand in the dictionary twice become one, and those that no entry has are left behind.
  const coder = new TextCoder();
  const codes = new Int32Array(dictionary.length).fill(-1);
  const coded = new Int32Array(indices.length);
  for (let index = 0; index < indices.length; index++) {
    const sent = indices[index];
    if (typeof sent !== 'number') {
      checkAbsent(category, index, column, sent, 'an index of its dictionary');
      coded[index] = -1;
      continue;
    }
    let code = codes[sent];
    if (code === undefined) {
      const reason = `${sent} is not an index of its dictionary, which has ${dictionary.length} texts`;
      throw badEntry({ category, index, column: column.name }, reason);
    }
    if (code < 0) {
      code = coder.code(checkText(category, index, column, dictionary[sent]));
      codes[sent] = code;
    }
    coded[index] = code;
  }
  const isEmpty = column.optional && coder.dictionary.length === 0;
  return isEmpty ? undefined : { dictionary: coder.dictionary, indices: coded };
}

function readNumbers(category: Category, column: Column, json: unknown[]): NumberColumn | undefined {
  // Most are good as they are, and stay in the array that they came in.
  const isInt = column.type === 'int';
  const isTimestamp = column.type === 'timestamp';
  let absent = 0;
  for (let index = 0; index < json.length; index++) {
    const value = json[index];
    if (Number.isSafeInteger(value) && ((value as number) > 0 || (isInt && value !== 0)) && !isTimestamp)
      continue;
    if (value === null) {
      checkAbsent(category, index, column, value, '');
      absent++;
    } else json[index] = readNumber(category, index, column, value);
  }
  return column.optional && absent === json.length ? undefined : (json as (number | null)[]);
}

function readTimes(category: Category, json: readonly unknown[]): NumberColumn | undefined {
  const timesUs = json.map((time, index) =>
    time === null ? null : readTimestamp({ category, index, column: 'time' }, time),
  );
  return timesUs.some((time) => time !== null) ? timesUs : undefined;
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
