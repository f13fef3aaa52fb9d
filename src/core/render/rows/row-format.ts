import type { AnswerColumn, AnswerRow } from '../../category/answer-column.ts';

/** Lines of an answer to be printed: their columns in order, and the lines in chunks as they are read. */
export interface RowStream {
  readonly columns: readonly AnswerColumn[];
  /** Where the lines are groups: how many of the first columns say which group it is. */
  readonly keyCount?: number;
  readonly chunks: AsyncIterable<readonly AnswerRow[]>;
}

/** What a format needs to know of where it prints to. */
export interface RowPrintOptions {
  /** Cells that a line may take; without a bound where absent. */
  readonly width?: number;
  readonly color: boolean;
  /** Long stacks whole, instead of their end. */
  readonly full: boolean;
  /** Put a quote before values that a spreadsheet would take for a formula. */
  readonly escapeFormulas: boolean;
}

/** A way to print an answer: gives pieces of text, the first before the last line is read wherever the format allows. */
export type RowFormat = (rows: RowStream, options: RowPrintOptions) => AsyncIterable<string>;
