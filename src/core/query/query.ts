import type { Category, ColumnName } from '../category/define-category.ts';
import type { Condition } from './condition.ts';

/** A column to sort by. */
export interface SortKey<C extends Category = Category> {
  readonly column: ColumnName<C>;
  readonly descending: boolean;
}

/** Asks for records: the columns in that order, those that satisfy `where`, sorted, at most `limit` of them. */
export interface RowQuery<C extends Category = Category> {
  readonly kind: 'rows';
  readonly category: C;
  readonly columns: readonly ColumnName<C>[];
  readonly where: Condition;
  readonly sort: readonly SortKey<C>[];
  /** All where absent. */
  readonly limit?: number;
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

export type Query = RowQuery | StackQuery;
