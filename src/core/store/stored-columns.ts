import { entryColumns } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { IdColumns } from './summary/pack-summary.ts';

/** A column of a row table with what goes into it: whole numbers and ids, null where a record has none. */
export interface StoredColumn {
  readonly name: string;
  readonly values: ArrayLike<number | null>;
}

/** Lists the columns of the row table that any of the entries has a value in: the others need not be written. */
export function storedColumns(
  { category, values, timesUs }: EntryColumns,
  ids: IdColumns,
  batchTimeUs: number,
): readonly StoredColumn[] {
  const columns = entryColumns(category).flatMap(({ name, optional }, c): StoredColumn[] => {
    const column = ids[c];
    if (column === undefined)
      return values[c] === undefined ? [] : [{ name, values: values[c] as readonly number[] }];
    return [{ name, values: optional ? Array.from(column, (id) => (id < 0 ? null : id)) : column }];
  });
  if (timesUs === undefined) return columns;
  const offsets = timesUs.map((timeUs) =>
    timeUs === null || timeUs === batchTimeUs ? null : timeUs - batchTimeUs,
  );
  return [...columns, { name: 'time_offset', values: offsets }];
}
