import { setTimeout as delay } from 'node:timers/promises';
import type { Category } from '../../category/define-category.ts';
import type { Sql } from '../../query/sql.ts';
import type { OpenOptions } from '../index.ts';
import type { Prunable } from '../prune.ts';
import type { SqlBackend } from '../sql-backend.ts';
import type { SqlValue } from '../sql-connection.ts';
import { openSqlStore } from '../sql-store.ts';
import type { AppendResult, KeyedBatch, Store } from '../store.ts';
import { type MysqlAddress, parseMysqlAddress } from './mysql-address.ts';
import { addMysqlCategory, dropMysqlCategory, readyDefinitions } from './mysql-categories.ts';
import { mysqlDialect } from './mysql-dialect.ts';
import {
  askOnce,
  type CallbackConnection,
  createMysqlDatabase,
  createMysqlPool,
  isRetryable,
  type MysqlPool,
  retried,
  translateMysqlError,
} from './mysql-driver.ts';
import { mysqlPrunable } from './mysql-prunable.ts';
import { MysqlWriter } from './mysql-writer.ts';

/** Rows that leave a statement at a time. */
const ROWS_PER_CHUNK = 1000;

/** Opens a MySQL or MariaDB database, or a cluster that speaks its protocol. Errors as of `translateMysqlError`. */
export async function openMysql(text: string, options: OpenOptions): Promise<Store> {
  const address = parseMysqlAddress(text);
  try {
    if (options.create) await createMysqlDatabase(address);
    const pool = await createMysqlPool(address, { readOnly: options.readOnly ?? false });
    return await openSqlStore(new MysqlBackend(pool, address), options);
  } catch (error) {
    throw translateMysqlError(error, address.location);
  }
}

class MysqlBackend implements SqlBackend {
  readonly dialect = mysqlDialect;
  readonly sharesCommits = false;
  readonly createsAtOnce = false;
  readonly initCommand = 'kernelscope db init with the same --mysql, --dbuser and --dbname';
  readonly location: string;
  readonly #pool: MysqlPool;
  readonly #name: string;
  readonly #writer: MysqlWriter;

  constructor(pool: MysqlPool, address: MysqlAddress) {
    this.#pool = pool;
    this.#name = address.name;
    this.location = address.location;
    this.#writer = new MysqlWriter(pool);
  }

  async tableNames(): Promise<readonly string[]> {
    const rows = await this.all({
      text: 'SELECT table_name FROM information_schema.tables WHERE table_schema = ?',
      params: [this.#name],
    });
    return rows.map(([name]) => String(name));
  }

  async createTables(statements: readonly string[]): Promise<void> {
    // Each commits by itself.
    for (const statement of statements) await this.#translated(() => this.#pool.query(statement));
  }

  async definitions(): Promise<readonly string[]> {
    // Asked before each batch, and so within the same time.
    const rows = (await this.#translated(() => askOnce(this.#pool, readyDefinitions))) as [string][];
    return rows.map(([definition]) => definition);
  }

  async addCategory(category: Category): Promise<{ readonly created: boolean }> {
    return this.#translated(() => addMysqlCategory(this.#pool, category));
  }

  async dropCategory(name: string): Promise<{ readonly records: number }> {
    return this.#translated(() => dropMysqlCategory(this.#pool, name));
  }

  async append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    return this.#translated(() => this.#writer.append(batches));
  }

  async countRecords(categories: Iterable<string>): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const name of categories) {
      const text = `SELECT COALESCE(SUM(JSON_VALUE(accepted, '$.${name}')), 0) FROM batch`;
      const count = Number((await this.all({ text, params: [] }))[0]![0]);
      if (count > 0) counts[name] = count;
    }
    return counts;
  }

  async sizeBytes(): Promise<number> {
    const text =
      'SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = ?';
    return Number((await this.all({ text, params: [this.#name] }))[0]![0]);
  }

  prunable(categories: Prunable['categories']): Prunable {
    return mysqlPrunable(this.#pool, this.#name, categories);
  }

  /** A server's databases are backed up by those who run it. */
  async backUp(): Promise<undefined> {
    return undefined;
  }

  isStepDone(error: unknown): boolean {
    return ((error as Error).cause as { code?: string } | undefined)?.code === 'ER_DUP_FIELDNAME';
  }

  async finishMigration(): Promise<void> {}

  translate(error: unknown): unknown {
    return translateMysqlError(error, this.location);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async all(sql: Sql): Promise<readonly (readonly SqlValue[])[]> {
    return this.#translated(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          const [rows] = await this.#pool.execute(sql.text, [...sql.params] as (string | number | null)[]);
          return rows as unknown as SqlValue[][];
        } catch (error) {
          // A cluster may fail certification of anything; a question can always be asked again.
          if (!isRetryable(error) || attempt === 5) throw error;
          await delay(20 * attempt);
        }
      }
    });
  }

  async run(sql: Sql): Promise<void> {
    const params = sql.params.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));
    await this.#translated(() => retried(() => this.#pool.query(sql.text, params)));
  }

  async *stream(sql: Sql): AsyncIterable<readonly (readonly SqlValue[])[]> {
    const connection = await this.#translated(() => this.#pool.getConnection());
    let isOver = false;
    try {
      // The connection with callbacks that is inside this one: it alone hands out rows as they arrive.
      const inner = connection.connection as unknown as CallbackConnection;
      const query = inner.query({ sql: sql.text, values: [...sql.params], rowsAsArray: true });
      const rows = query.stream({ highWaterMark: ROWS_PER_CHUNK });
      let chunk: SqlValue[][] = [];
      for await (const row of rows) {
        chunk.push(row as SqlValue[]);
        if (chunk.length < ROWS_PER_CHUNK) continue;
        yield chunk;
        chunk = [];
      }
      isOver = true;
      if (chunk.length > 0) yield chunk;
    } catch (error) {
      throw translateMysqlError(error, this.location);
    } finally {
      // Rows that nobody waits for would have to be read to their end: ending the session is quicker.
      if (isOver) connection.release();
      else connection.destroy();
    }
  }

  async sumByKey(key: string, weight: string, source: Sql): Promise<ReadonlyMap<number, number | bigint>> {
    const text = `SELECT ${key}, SUM(${weight}) ${source.text} GROUP BY ${key}`;
    // SUM of whole numbers is an exact decimal.
    return new Map(
      (await this.all({ text, params: source.params })).map(([id, sum]) => [
        Number(id),
        exactSum(sum as string | number | null),
      ]),
    );
  }

  async #translated<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw translateMysqlError(error, this.location);
    }
  }
}

/** Reads a sum; one of nothing but absent values is null to the database, and nothing to us. */
function exactSum(sum: string | number | null): number | bigint {
  return Number.isSafeInteger(Number(sum)) ? Number(sum) : BigInt(sum!);
}
