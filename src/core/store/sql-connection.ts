import type { Sql } from '../query/sql.ts';
import type { StoreDialect } from './dialect.ts';

/** A value as the databases return it. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** What reading needs of a database: the questions are the same for all, and compiled for its dialect. */
export interface SqlConnection {
  readonly dialect: StoreDialect;
  /** All rows of a statement that returns few, as arrays. */
  all(sql: Sql): Promise<readonly (readonly SqlValue[])[]>;
  /** Runs a statement that gives no rows; it commits by itself. */
  run(sql: Sql): Promise<void>;
  /** The rows of a statement that may return many, in chunks, as arrays. */
  stream(sql: Sql): AsyncIterable<readonly (readonly SqlValue[])[]>;
  /** The exact sum of `weight` per distinct `key` of `source`: a bigint where it may be above 2^53. */
  sumByKey(key: string, weight: string, source: Sql): Promise<ReadonlyMap<number, number | bigint>>;
}
