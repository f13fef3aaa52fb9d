import { type Category, type ColumnName, entryColumns, type Value } from '../category/define-category.ts';
import { type EntryColumns, makeEntries } from '../category/entry-columns.ts';
import type { HelperEntry } from './parse-helper-output.ts';

/**
 * How a column is made of the helper's entries. Entries whose `key` columns agree are one record; the others are joined,
 * such as by a sum.
 */
export type ColumnReader =
  | { readonly key: (entry: HelperEntry) => string | number | null }
  | {
      readonly read: (entry: HelperEntry) => number;
      readonly join: (sum: number, value: number) => number;
    };

/** A column that tells records apart. */
export const key = (read: (entry: HelperEntry) => string | number | null): ColumnReader => ({ key: read });

/** A column that is added up. */
export const sumOf = (read: (entry: HelperEntry) => number): ColumnReader => ({
  read,
  join: (a, b) => a + b,
});

/** A column that keeps the greatest. */
export const maxOf = (read: (entry: HelperEntry) => number): ColumnReader => ({ read, join: Math.max });

/** Makes records of a flush's entries: stacks that read the same, and whatever else the helper kept apart, are one. */
export function joinEntries<C extends Category>(
  category: C,
  entries: readonly HelperEntry[],
  readers: Readonly<Record<Exclude<ColumnName<C>, 'hostname' | 'time'>, ColumnReader>>,
): EntryColumns {
  const columns = entryColumns(category).map(({ name }) => readers[name as keyof typeof readers]);
  const places = new Map<string, number>();
  const values: Value[][] = columns.map(() => []);
  for (const entry of entries) {
    const keys = columns.map((column) => ('key' in column ? column.key(entry) : null));
    const together = keys.join('\0');
    const place = places.get(together);
    if (place === undefined) {
      places.set(together, places.size);
      for (const [c, column] of columns.entries())
        values[c]!.push('key' in column ? keys[c]! : column.read(entry));
      continue;
    }
    for (const [c, column] of columns.entries()) {
      if ('key' in column) continue;
      values[c]![place] = column.join(values[c]![place] as number, column.read(entry));
    }
  }
  return makeEntries({ category, length: places.size, values });
}
