import type { Category, Value } from './define-category.ts';

/**
 * Entries of one category, as columns: `values[c][i]` is entry i's value of the category's c-th entry column. A column
 * that no entry has a value in may be left out: `values[c]` is undefined.
 */
export interface EntryColumns {
  readonly category: Category;
  readonly length: number;
  readonly values: readonly (readonly Value[] | undefined)[];
  /** Microseconds since 1970 UTC of entries that carry a time of their own, null elsewhere; absent where none does. */
  readonly timesUs?: readonly (number | null)[];
}
