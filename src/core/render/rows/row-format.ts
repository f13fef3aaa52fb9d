import type { Category, Column, Row } from '../../category/define-category.ts';

/** Records to be printed: their columns in order, and the records in chunks as they are read. */
export interface RowStream {
  readonly category: Category;
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly Row[]>;
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

/** A way to print records: gives pieces of text, the first before the last record is read wherever the format allows. */
export type RowFormat = (rows: RowStream, options: RowPrintOptions) => AsyncIterable<string>;
