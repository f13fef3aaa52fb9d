import {
  BIGINT,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Batch } from '../../src/core/wire/batch.ts';
import { plainValues } from '../../test/support/plain-values.ts';
import { type Filter, LIST_LIMIT, toFlatWhere } from '../store-data/questions.ts';

export const duckdbSchema =
  'CREATE TABLE offcputime (hostname VARCHAR, time TIMESTAMP, process VARCHAR, pid INTEGER, stack VARCHAR, elapsed BIGINT)';

const columnTypes = [VARCHAR, TIMESTAMP, VARCHAR, INTEGER, VARCHAR, BIGINT];
/** Rows that one chunk of DuckDB holds. */
const CHUNK_ROWS = 2048;

/** A DuckDB file with a connection to it. */
export interface DuckDatabase {
  readonly connection: DuckDBConnection;
  close(): void;
}

export async function openDuckDb(file: string): Promise<DuckDatabase> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Fills a new file; rows come in order of time, which DuckDB makes use of. */
export async function buildDuckDb(file: string, batches: Iterable<Batch>): Promise<void> {
  const database = await openDuckDb(file);
  await database.connection.run(duckdbSchema);
  const appender = await database.connection.createAppender('offcputime');
  for (const { hostname, timeUs, entries } of batches) {
    const time = new DuckDBTimestampValue(BigInt(timeUs));
    for (const some of entries) {
      const { length } = some;
      const [process, pid, stack, elapsed] = plainValues(some) as [string[], number[], string[], number[]];
      for (let from = 0; from < length; from += CHUNK_ROWS) {
        const until = Math.min(length, from + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(columnTypes, until - from);
        chunk.setColumns([
          new Array<string>(until - from).fill(hostname),
          new Array<DuckDBTimestampValue>(until - from).fill(time),
          process.slice(from, until),
          pid.slice(from, until),
          stack.slice(from, until),
          elapsed.slice(from, until).map(BigInt),
        ]);
        appender.appendDataChunk(chunk);
      }
    }
  }
  appender.closeSync();
  await database.connection.run('CHECKPOINT');
  database.close();
}

/** Sets how many threads the questions that follow may use. */
export async function useThreads({ connection }: DuckDatabase, threads: number): Promise<void> {
  await connection.run(`SET threads TO ${threads}`);
}

/** The distinct stacks with their sums. */
export async function groupDuckDb(
  { connection }: DuckDatabase,
  filter: Filter,
): Promise<{ stack: string; weight: number }[]> {
  const reader = await connection.runAndReadAll(
    `SELECT stack, sum(elapsed)::DOUBLE AS weight FROM offcputime WHERE ${where(filter)} GROUP BY stack`,
  );
  const [stacks, weights] = reader.getColumns() as [string[], number[]];
  return (stacks ?? []).map((stack, at) => ({ stack, weight: weights![at]! }));
}

export async function countDuckDb({ connection }: DuckDatabase, filter: Filter): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*) AS number FROM offcputime WHERE ${where(filter)}`,
  );
  return Number(reader.getRows()[0]![0]);
}

/** The slowest records, whole. */
export async function slowestDuckDb(
  { connection }: DuckDatabase,
  filter: Filter,
): Promise<{ elapsed: number }[]> {
  const reader = await connection.runAndReadAll(
    `SELECT hostname, time, process, pid, stack, elapsed FROM offcputime WHERE ${where(filter)} ORDER BY elapsed DESC LIMIT ${LIST_LIMIT}`,
  );
  return reader.getRowObjects().map((row) => ({ elapsed: Number(row.elapsed) }));
}

function where(filter: Filter): string {
  return toFlatWhere(filter, (timeUs) => `make_timestamp(${timeUs})`, 'contains');
}
