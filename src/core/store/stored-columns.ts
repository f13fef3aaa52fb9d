import { entryColumns } from '../category/define-category.ts';
import type { EntryColumns, NumberColumn } from '../category/entry-columns.ts';
import type { IdColumn, IdColumns } from './summary/id-column.ts';

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
    if (column !== undefined) return [{ name, values: optional ? idsOrNull(column) : idsOf(column) }];
    return values[c] === undefined ? [] : [{ name, values: values[c] as NumberColumn }];
  });
  if (timesUs === undefined) return columns;
  const offsets = timesUs.map((timeUs) =>
    timeUs === null || timeUs === batchTimeUs ? null : timeUs - batchTimeUs,
  );
  return [...columns, { name: 'time_offset', values: offsets }];
}

function idsOf({ ids, indices }: IdColumn): Float64Array {
  const values = new Float64Array(indices.length);
  for (let index = 0; index < indices.length; index++) values[index] = ids[indices[index]!]!;
  return values;
}

function idsOrNull({ ids, indices }: IdColumn): readonly (number | null)[] {
  return Array.from(indices, (index) => (index < 0 ? null : ids[index]!));
}
