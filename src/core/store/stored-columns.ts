import { entryColumns } from '../category/define-category.ts';
import type { EntryColumns, NumberColumn } from '../category/entry-columns.ts';
import type { IdColumn, IdColumns } from './summary/id-column.ts';

/** A column of the row table with what goes into it: whole numbers and ids, NaN where a record has none. */
export interface StoredColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** Lists the columns of the row table that any of the entries has a value in: the others need not be written. */
export function storedColumns(
  { category, values, timesUs }: EntryColumns,
  ids: IdColumns,
  batchTimeUs: number,
): readonly StoredColumn[] {
  const columns = entryColumns(category).flatMap(({ name }, c): StoredColumn[] => {
    if (ids[c] !== undefined) return [{ name, values: idsOf(ids[c]) }];
    return values[c] === undefined ? [] : [{ name, values: values[c] as NumberColumn }];
  });
  if (timesUs === undefined) return columns;
  const offsets = timesUs.map((timeUs) => (timeUs === batchTimeUs ? Number.NaN : timeUs - batchTimeUs));
  return [...columns, { name: 'time_offset', values: offsets }];
}

function idsOf({ ids, indices }: IdColumn): Float64Array {
  const values = new Float64Array(indices.length);
  for (let index = 0; index < indices.length; index++) {
    const place = indices[index]!;
    values[index] = place < 0 ? Number.NaN : ids[place]!;
  }
  return values;
}
