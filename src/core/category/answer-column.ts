import type { ElapsedUnit } from '../base/units.ts';
import type { ColumnType, Value } from './define-category.ts';

/** What a column of an answer holds: what a column of records does, a `count` of things, or a `histogram`. */
export type AnswerType = ColumnType | 'count' | 'histogram';

/** A column of an answer: one of a category's, or one that was worked out. `unit` is there for `elapsed` alone. */
export interface AnswerColumn {
  readonly name: string;
  readonly type: AnswerType;
  readonly unit?: ElapsedUnit;
}

/** How many records have a value of `from` or more and less than `to`; `from` is null below all that are counted. */
export interface HistogramBucket {
  readonly from: number | null;
  readonly to: number;
  readonly count: number;
}

/** The buckets that hold anything, ascending: below 0, 0 alone, then from each power of two to the next. */
export type Histogram = readonly HistogramBucket[];

export type AnswerValue = Value | Histogram;

/** One line of an answer, by the names of its columns. */
export type AnswerRow = Readonly<Record<string, AnswerValue>>;
