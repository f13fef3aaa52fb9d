import type { Value } from '../../src/core/category/define-category.ts';
import { type EntryColumns, valueAt } from '../../src/core/category/entry-columns.ts';

/** Writes out the text of entries: `[c][i]` is entry i's value of entry column c; undefined for a column that is left out. */
export function plainValues({ length, values }: EntryColumns): readonly (readonly Value[] | undefined)[] {
  return values.map((column) => column && Array.from({ length }, (_, index) => valueAt(column, index)));
}
