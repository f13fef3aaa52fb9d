import { TextMap } from '../base/text-map.ts';
import { type Category, entryColumns, isText, type Value } from './define-category.ts';

/**
 * A column of text: entry i's value is `dictionary[indices[i]]`, and absent where the index is -1. The dictionary holds
 * texts that entries have, and no others, in the order in which they first appear; one may stand there twice.
 */
export interface TextColumn {
  readonly dictionary: readonly string[];
  readonly indices: Int32Array;
}

/** A column of whole numbers, NaN where one is absent. */
export type NumberColumn = Float64Array;

/**
 * Entries of one category, as columns: `values[c]` is the category's c-th entry column, a `TextColumn` for strings and
 * stacks. A column that no entry has a value in may be left out: `values[c]` is undefined.
 */
export interface EntryColumns {
  readonly category: Category;
  readonly length: number;
  readonly values: readonly (TextColumn | NumberColumn | undefined)[];
  /** Microseconds since 1970 UTC of entries that carry a time of their own, NaN elsewhere; absent where none does. */
  readonly timesUs?: NumberColumn;
}

/** Entries written out: `values[c][i]` is entry i's value of the category's c-th entry column, null where it is absent. */
export interface PlainEntries {
  readonly category: Category;
  readonly length: number;
  readonly values: readonly (readonly Value[] | undefined)[];
  readonly timesUs?: readonly (number | null)[];
}

/** Makes columns of entries that are written out. */
export function makeEntries({ category, length, values, timesUs }: PlainEntries): EntryColumns {
  const columns = entryColumns(category);
  return {
    category,
    length,
    values: values.map((column, c) => {
      if (column === undefined) return undefined;
      return isText(columns[c]!)
        ? makeTextColumn(column as readonly (string | null)[])
        : makeNumberColumn(column as readonly (number | null)[]);
    }),
    ...(timesUs !== undefined && { timesUs: makeNumberColumn(timesUs) }),
  };
}

/** Makes a column of numbers, null where one is absent. */
export function makeNumberColumn(numbers: readonly (number | null)[]): NumberColumn {
  return Float64Array.from(numbers, (number) => number ?? Number.NaN);
}

/** Gives an entry's value of a column, null where it is absent. */
export function valueAt(column: TextColumn | NumberColumn | undefined, index: number): Value {
  if (column === undefined) return null;
  if ('dictionary' in column) return column.dictionary[column.indices[index]!] ?? null;
  const number = column[index]!;
  return Number.isNaN(number) ? null : number;
}

/** Gives the entries from `first` on and before `end`. */
export function sliceEntries(entries: EntryColumns, first: number, end: number): EntryColumns {
  const { category, values, timesUs } = entries;
  return {
    category,
    length: end - first,
    values: values.map((column) =>
      column !== undefined && 'dictionary' in column
        ? sliceText(column, first, end)
        : column?.slice(first, end),
    ),
    ...(timesUs !== undefined && { timesUs: timesUs.slice(first, end) }),
  };
}

/** Numbers texts from 0 on as they first come. */
export class TextCoder {
  readonly dictionary: string[] = [];
  readonly #codes = new TextMap();

  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.dictionary.push(text) - 1;
      this.#codes.set(text, code);
    }
    return code;
  }
}

function makeTextColumn(texts: readonly (string | null)[]): TextColumn {
  const coder = new TextCoder();
  const indices = new Int32Array(texts.length);
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index]!;
    indices[index] = text === null ? -1 : coder.code(text);
  }
  return { dictionary: coder.dictionary, indices };
}

function sliceText({ dictionary, indices }: TextColumn, first: number, end: number): TextColumn {
  const codes = new Int32Array(dictionary.length).fill(-1);
  const texts: string[] = [];
  const kept = indices.slice(first, end);
  for (let index = 0; index < kept.length; index++) {
    const old = kept[index]!;
    if (old < 0) continue;
    if (codes[old]! < 0) codes[old] = texts.push(dictionary[old]!) - 1;
    kept[index] = codes[old]!;
  }
  return { dictionary: texts, indices: kept };
}
