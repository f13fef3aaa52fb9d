import { type Category, entryColumns, isText } from '../category/define-category.ts';
import { type EntryColumns, TextCoder } from '../category/entry-columns.ts';
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

/** What is read of a column so far: text by its number in the coder's dictionary, numbers as they are. */
interface Cells {
  readonly coder: TextCoder;
  readonly indices: Int32Array;
  readonly numbers: Float64Array;
}

/** Reads entries from an array of objects, one per entry. Throws `bad_batch`, and `too_large` for too many. */
export function readEntries(category: Category, json: readonly unknown[]): EntryColumns {
  const columns = entryColumns(category);
  const { length } = json;
  checkCount(category, length);
  const areTexts = columns.map(isText);
  const newCells = (c: number): Cells => ({
    coder: new TextCoder(),
    indices: new Int32Array(areTexts[c] ? length : 0).fill(-1),
    numbers: new Float64Array(areTexts[c] ? 0 : length).fill(Number.NaN),
  });
  const cells = columns.map(({ optional }, c) => (optional ? undefined : newCells(c)));
  let timesUs: Float64Array | undefined;
  for (let index = 0; index < length; index++) {
    const entry = json[index];
    if (!isObject(entry)) throw badEntry({ category, index }, `it is ${kindOf(entry)}, not an object`);
    let known = 0;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const value = entry[column.name];
      if (value === undefined || value === null) {
        if (!column.optional) throw badEntry({ category, index, column: column.name }, 'it is missing');
        if (value === null) known++;
        continue;
      }
      known++;
      let cell = cells[c];
      if (cell === undefined) {
        cell = newCells(c);
        cells[c] = cell;
      }
      const { coder, indices, numbers } = cell;
      if (!areTexts[c]) {
        numbers[index] = readNumber(category, index, column, value);
        continue;
      }
      const texts = coder.dictionary.length;
      const code = typeof value === 'string' ? coder.code(value) : texts;
      // A text that came before was checked then.
      if (code === texts) checkText(category, index, column, value);
      indices[index] = code;
    }
    const { time } = entry;
    if (time !== undefined) {
      known++;
      if (time !== null) {
        timesUs ??= new Float64Array(length).fill(Number.NaN);
        timesUs[index] = readTimestamp({ category, index, column: 'time' }, time);
      }
    }
    if (countKeys(entry) !== known) throw findUnknownColumn({ category, index }, Object.keys(entry))!;
  }
  const values = cells.map((some, c) => {
    if (some === undefined) return undefined;
    return areTexts[c] ? { dictionary: some.coder.dictionary, indices: some.indices } : some.numbers;
  });
  return timesUs === undefined ? { category, length, values } : { category, length, values, timesUs };
}

function countKeys(entry: Record<string, unknown>): number {
  // for-in over objects of one shape is several times faster than Object.keys, and JSON makes own keys alone.
  let count = 0;
  for (const _ in entry) count++;
  return count;
}
