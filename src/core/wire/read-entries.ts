import { type Category, type Column, entryColumns, isText } from '../category/define-category.ts';
import {
  type EntryColumns,
  type NumberColumn,
  TextCoder,
  type TextColumn,
} from '../category/entry-columns.ts';
import {
  badEntry,
  checkCount,
  checkText,
  findUnknownColumn,
  isObject,
  kindOf,
  readNumber,
} from './check-value.ts';

/** A column as it is filled, entry by entry. */
interface Filling {
  readonly column: Column;
  put(index: number, value: unknown): void;
  take(): TextColumn | NumberColumn | undefined;
}

/** Reads entries from an array of objects, one per entry. Throws `bad_batch`, and `too_large` for too many. */
export function readEntries(category: Category, json: readonly unknown[]): EntryColumns {
  const { length } = json;
  checkCount(category, length);
  const columns = entryColumns(category);
  const fillings = columns.map((column) =>
    isText(column) ? fillTexts(category, column, length) : fillNumbers(category, column, length),
  );
  const timeColumn: Column = { name: 'time', type: 'timestamp', prettyName: '', optional: true };
  const times = fillNumbers(category, timeColumn, length);
  const places = new Map([...fillings, times].map((filling) => [filling.column.name, filling]));
  const requiredCount = columns.filter(({ optional }) => !optional).length;
  // Entries mostly have the same keys in the same order: a key is that of the entry before at this place.
  const order: Filling[] = [];
  for (let index = 0; index < length; index++) {
    const entry = json[index];
    if (!isObject(entry)) throw badEntry({ category, index }, `it is ${kindOf(entry)}, not an object`);
    let required = 0;
    let at = 0;
    // JSON makes own keys alone.
    for (const key in entry) {
      let filling = order[at];
      if (filling === undefined || filling.column.name !== key) {
        filling = places.get(key);
        if (filling === undefined) throw findUnknownColumn({ category, index }, [key])!;
        order[at] = filling;
      }
      at++;
      const value = entry[key];
      if (value === null) continue;
      filling.put(index, value);
      if (!filling.column.optional) required++;
    }
    if (required < requiredCount) throw missingColumn(category, index, entry);
  }
  const values = fillings.map((filling) => filling.take());
  const timesUs = times.take() as NumberColumn | undefined;
  return timesUs === undefined ? { category, length, values } : { category, length, values, timesUs };
}

function missingColumn(category: Category, index: number, entry: Record<string, unknown>): Error {
  const missing = entryColumns(category).find(
    ({ name, optional }) => !optional && (entry[name] === undefined || entry[name] === null),
  );
  return badEntry({ category, index, column: missing!.name }, 'it is missing');
}

function fillTexts(category: Category, column: Column, length: number): Filling {
  const coder = new TextCoder();
  const { dictionary } = coder;
  const indices = new Int32Array(length).fill(-1);
  return {
    column,
    put: (index, value) => {
      const texts = dictionary.length;
      const code = typeof value === 'string' ? coder.code(value) : texts;
      // A text that came before was checked then.
      if (code === texts) checkText(category, index, column, value);
      indices[index] = code;
    },
    take: () => (column.optional && dictionary.length === 0 ? undefined : { dictionary, indices }),
  };
}

function fillNumbers(category: Category, column: Column, length: number): Filling {
  let numbers: Float64Array | undefined;
  const fill = () => {
    numbers = new Float64Array(length).fill(Number.NaN);
    return numbers;
  };
  return {
    column,
    put: (index, value) => {
      (numbers ?? fill())[index] = readNumber(category, index, column, value);
    },
    take: () => numbers ?? (column.optional ? undefined : fill()),
  };
}
