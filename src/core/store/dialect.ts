import type { SqlDialect } from '../query/sql.ts';
import type { Table, TableColumn, TableColumnKind } from './table.ts';

/** What databases say differently of tables. */
export interface StoreDialect extends SqlDialect {
  readonly columnTypes: Readonly<Record<TableColumnKind, string>>;
  /** Columns that identify a row of a category: the database's own way to keep a batch's rows together. */
  readonly rowKey: readonly TableColumn[];
  /** What stands behind the closing bracket of CREATE TABLE. */
  tableSuffix(table: Table): string;
  /** Whether an index is made by its own statement or within CREATE TABLE. */
  readonly inlineIndexes: boolean;
  /** Statements that set up the database itself, before any table. */
  readonly prelude: readonly string[];
  /** Inserts a row unless its key is there. */
  insertIgnore(table: string, columns: readonly string[]): string;
  /** Turns microseconds since 1970 UTC into what people read in the flat view. */
  readableTime(microseconds: string): string;
  /** What is put before a statement to be told how it would be answered. */
  readonly explain: string;
  /** Reads what the database answers to that, line by line. */
  readPlan(rows: readonly (readonly unknown[])[]): readonly string[];
  /** Statements that make a view, replacing an older one. */
  createView(name: string, select: string): readonly string[];
}
