import type { Category, ColumnName } from '../category/define-category.ts';
import type { Condition } from './condition.ts';

/** A column to sort by. */
export interface SortKey<C extends Category = Category> {
  readonly column: ColumnName<C>;
  readonly descending: boolean;
}

/** Which part of a sorted answer is wanted. */
export interface Page {
  /** All where absent. */
  readonly limit?: number;
  /** How many are passed over first; none where absent. */
  readonly offset?: number;
}

/** Asks for records: the columns in that order, those that satisfy `where`, sorted, at most `limit` of them. */
export interface RowQuery<C extends Category = Category> extends Page {
  readonly kind: 'rows';
  readonly category: C;
  readonly columns: readonly ColumnName<C>[];
  readonly where: Condition;
  readonly sort: readonly SortKey<C>[];
}

/** Asks for the distinct stacks of a stack column with what each weighs in all: the records' number, or a column's sum. */
export interface StackQuery<C extends Category = Category> {
  readonly kind: 'stacks';
  readonly category: C;
  readonly stack: ColumnName<C>;
  /** A numeric column; each record weighs 1 where absent. */
  readonly weight?: ColumnName<C>;
  readonly where: Condition;
}

/**
 * What records are grouped by: a column's value, a timestamp cut down to a whole multiple of a width, the value of a
 * label, or one frame of a stack: 1 is the root, -1 the leaf, `wchan` the last before those of the scheduler. `name` is that of
 * the answer's column.
 */
export type GroupKey =
  | { readonly kind: 'column'; readonly name: string; readonly column: string }
  | { readonly kind: 'bucket'; readonly name: string; readonly column: string; readonly widthUs: number }
  | { readonly kind: 'label'; readonly name: string; readonly key: string }
  | {
      readonly kind: 'frame';
      readonly name: string;
      readonly column: string;
      readonly frame: number | 'wchan';
    };

/**
 * What is worked out of each group's records. Absent values count for nothing; of no value a sum is 0, and everything
 * else but a count and a histogram is absent. Percentiles are exact, by nearest rank; they and histograms weigh each
 * record by its `count` where the category has such a column.
 */
export type Aggregate =
  | { readonly kind: 'count'; readonly name: string }
  | {
      readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'hist';
      readonly name: string;
      readonly column: string;
    }
  | { readonly kind: 'percentile'; readonly name: string; readonly column: string; readonly percent: number };

/** Something of a group's answer to sort by: the place of a key or of an aggregate. */
export interface GroupSort {
  readonly by: 'key' | 'aggregate';
  readonly place: number;
  readonly descending: boolean;
}

/**
 * Asks for groups of records with what each comes to. Groups that sort alike come in the order of their keys, the first
 * one first, absent before all else. Without keys all records are one group, even if there are none.
 */
export interface GroupQuery extends Page {
  readonly kind: 'groups';
  readonly category: Category;
  readonly keys: readonly GroupKey[];
  readonly aggregates: readonly Aggregate[];
  readonly where: Condition;
  readonly sort: readonly GroupSort[];
}

export type Query = RowQuery | StackQuery | GroupQuery;
