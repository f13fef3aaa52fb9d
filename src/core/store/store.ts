import type { AnswerRow } from '../category/answer-column.ts';
import type { Category, Row } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../query/query.ts';
import type { Sql } from '../query/sql.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import type { Batch } from '../wire/batch.ts';
import type { MigrateResult } from './migrate.ts';
import type { PruneOptions, PruneResult } from './prune.ts';

/** A batch to be stored; with a key, at most once however often it is sent. */
export interface KeyedBatch {
  readonly batch: Batch;
  readonly key?: string;
}

/** How many entries of each category were stored; `repeated` where the key had been there and nothing was stored now. */
export interface AppendResult {
  readonly accepted: Readonly<Record<string, number>>;
  readonly repeated: boolean;
}

/** What was not recorded, among the batches that a question was about. */
export interface Scope {
  readonly batches: number;
  /** Events that tracers and agents reported as lost. */
  readonly lost: number;
}

/** Sizes and spans of what a database holds. */
export interface StoreStatus {
  readonly location: string;
  readonly schemaVersion: number;
  readonly sizeBytes: number;
  readonly batches: number;
  readonly hosts: number;
  readonly lost: number;
  /** Microseconds since 1970 UTC; null where there is no record. */
  readonly firstTimeUs: number | null;
  readonly lastTimeUs: number | null;
  readonly rows: Readonly<Record<string, number>>;
}

/** Some groups of an answer; how many there are in all, whatever part of them was asked for, and of how many records. */
export interface GroupChunk {
  readonly rows: readonly AnswerRow[];
  readonly groups: number;
  readonly records: number;
}

/** What can be asked of records, wherever they are kept. */
export interface RecordSource {
  /** The categories by name, in the order they were declared in. */
  categories(): Promise<ReadonlyMap<string, Category>>;
  /** The records in chunks; the first leaves before the last is read. Without a sort they come in no promised order. */
  select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]>;
  /** Groups of records with what each comes to, in order; at least one chunk, which may be empty. */
  aggregate(query: GroupQuery): AsyncIterable<GroupChunk>;
  /** The distinct stacks that records with a stack have, each with its whole weight. */
  weighStacks(query: StackQuery): Promise<readonly WeightedStack[]>;
  /** What was lost on the hosts, labels and times that the condition is about, as far as batches can tell. */
  scope(category: Category, where: Condition): Promise<Scope>;
  close(): Promise<void>;
}

/** How a database comes to an answer. */
export interface Explanation {
  /** The statement that asks for the records, after names were looked up; absent where no name matches and nothing is asked. */
  readonly sql: Sql | undefined;
  /** What the database says it will do, line by line. */
  readonly plan: readonly string[];
}

/** A database of records: one contract, one test suite over every backend. */
export interface Store extends RecordSource {
  /** Where it is, as people may see it: without secrets. */
  readonly location: string;
  /** Whether batches that are appended together share one commit; where not, each is better appended alone. */
  readonly sharesCommits: boolean;
  /** Makes what is missing of the tables; tells whether anything was. */
  init(): Promise<{ readonly created: boolean }>;
  /**
   * Declares a category and makes its tables; does nothing where an identical one is declared. Throws `category_exists`
   * where a different one of that name is.
   */
  addCategory(category: Category): Promise<{ readonly created: boolean }>;
  /** Deletes a category with all its records. Throws `unknown_category`, and `usage` for a built-in one. */
  dropCategory(name: string): Promise<{ readonly records: number }>;
  /** Stores each batch whole or not at all; resolves once the database has committed. */
  append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]>;
  status(): Promise<StoreStatus>;
  /** Shows the statement that a question for records becomes, and the database's plan for it; asks nothing else. */
  explain(query: RowQuery): Promise<Explanation>;
  /** Makes the summaries of all batches anew from their rows; gives the number of batches. */
  rebuild(): Promise<number>;
  /** Brings the tables up to date; a SQLite file is copied first. Throws `database_newer`. */
  migrate(): Promise<MigrateResult>;
  /** Deletes what is old in slices, while writers go on, and gives the space back. Throws `usage` where nothing says what. */
  prune(options: PruneOptions): Promise<PruneResult>;
}
