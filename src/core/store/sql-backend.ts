import type { Category } from '../category/define-category.ts';
import type { Prunable } from './prune.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { AppendResult, KeyedBatch } from './store.ts';

/** What a kind of SQL database does its own way; `SqlStore` makes a store of it. Errors are KernelscopeErrors, or bugs. */
export interface SqlBackend extends SqlConnection {
  readonly location: string;
  /** As of `Store.sharesCommits`. */
  readonly sharesCommits: boolean;
  /** Whether tables are made all at once or not at all; where not, making them may have broken off. */
  readonly createsAtOnce: boolean;
  /** What makes its tables, to be told to people. */
  readonly initCommand: string;
  /** The names of all tables there are, whoever made them. */
  tableNames(): Promise<readonly string[]>;
  /** Runs the statements that make the tables; each does nothing where its work is done already. */
  createTables(statements: readonly string[]): Promise<void>;
  /** The definitions of the categories that are ready, in declared order. */
  definitions(): Promise<readonly string[]>;
  addCategory(category: Category): Promise<{ readonly created: boolean }>;
  dropCategory(name: string): Promise<{ readonly records: number }>;
  append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]>;
  /** How many records were accepted, by category. */
  countRecords(categories: Iterable<string>): Promise<Readonly<Record<string, number>>>;
  sizeBytes(): Promise<number>;
  prunable(categories: Prunable['categories']): Prunable;
  /** Copies the database before its tables change; gives where the copy is, nothing where there is none. */
  backUp(version: number): Promise<string | undefined>;
  /** Whether an error says that a step of a migration was taken before. */
  isStepDone(error: unknown): boolean;
  /** What is left to do once all tables are up to date. */
  finishMigration(): Promise<void>;
  /** Turns an error of the driver into a KernelscopeError; other errors stay as they are. */
  translate(error: unknown): unknown;
  close(): Promise<void>;
}
