import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { Category, Row } from '../../category/define-category.ts';
import { builtInCategories } from '../../category/index.ts';
import type { Condition } from '../../query/condition.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../../query/query.ts';
import type { Sql } from '../../query/sql.ts';
import type { WeightedStack } from '../../stack/frame-tree.ts';
import { CategoryCache } from '../category-cache.ts';
import { checkNotNewer, checkSchemaVersion } from '../check-schema-version.ts';
import { createStatements } from '../create-statements.ts';
import type { OpenOptions } from '../index.ts';
import { type MigrateResult, migrateTables } from '../migrate.ts';
import { type PruneOptions, type PruneResult, prune } from '../prune.ts';
import { rebuildSummaries } from '../rebuild.ts';
import type { SqlConnection, SqlValue } from '../sql-connection.ts';
import { SqlReader } from '../sql-reader.ts';
import type {
  AppendResult,
  Explanation,
  GroupChunk,
  KeyedBatch,
  Scope,
  Store,
  StoreStatus,
} from '../store.ts';
import { SCHEMA_VERSION } from '../table.ts';
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
  const create = options.create ?? false;
  try {
    if (create) await createMysqlDatabase(address);
    const pool = await createMysqlPool(address, { readOnly: options.readOnly ?? false });
    const store = new MysqlStore(pool, address);
    try {
      if (!create && !options.anyVersion) await store.checkSchema();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    throw translateMysqlError(error, address.location);
  }
}

class MysqlStore implements Store, SqlConnection {
  readonly dialect = mysqlDialect;
  readonly sharesCommits = false;
  readonly location: string;
  readonly #pool: MysqlPool;
  readonly #name: string;
  readonly #reader: SqlReader;
  readonly #writer: MysqlWriter;
  readonly #categories = new CategoryCache();
  #closing: Promise<void> | undefined;

  constructor(pool: MysqlPool, address: MysqlAddress) {
    this.#pool = pool;
    this.#name = address.name;
    this.location = address.location;
    this.#reader = new SqlReader(this);
    this.#writer = new MysqlWriter(pool);
  }

  async init(): Promise<{ readonly created: boolean }> {
    const names = await this.#tableNames();
    if (names.length > 0 && !names.includes('meta')) throw this.#notOurs(names);
    if (await this.#isWhole(names)) return { created: false };
    // DDL commits by itself here; each statement does nothing where its work is done, so that a broken off init goes on.
    for (const statement of createStatements(builtInCategories, mysqlDialect)) {
      await this.#translated(() => this.#pool.query(statement));
    }
    return { created: true };
  }

  /** Whether nothing is missing of what `init` makes, last of which is a row for each category. */
  async #isWhole(names: readonly string[]): Promise<boolean> {
    if (!names.includes('meta') || !names.includes('batch')) return false;
    const version = await this.#schemaVersion();
    if (Number.isNaN(version)) return false;
    checkSchemaVersion(version, this.location);
    const declared = await this.categories();
    return builtInCategories.every(({ name }) => declared.has(name));
  }

  /** Throws unless the database holds the tables of this version. */
  async checkSchema(): Promise<void> {
    checkSchemaVersion(await this.#ourVersion(), this.location);
  }

  async categories(): Promise<ReadonlyMap<string, Category>> {
    // Asked before each batch, and so within the same time.
    const rows = (await this.#translated(() => askOnce(this.#pool, readyDefinitions))) as [string][];
    return this.#categories.decode(rows.map(([definition]) => definition));
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

  select<C extends Category>(query: RowQuery<C>): AsyncIterable<readonly Row<C>[]> {
    return this.#reader.select(query);
  }

  aggregate(query: GroupQuery): AsyncIterable<GroupChunk> {
    return this.#reader.aggregate(query);
  }

  weighStacks(query: StackQuery): Promise<readonly WeightedStack[]> {
    return this.#reader.weighStacks(query);
  }

  scope(category: Category, where: Condition): Promise<Scope> {
    return this.#reader.scope(category, where);
  }

  explain(query: RowQuery): Promise<Explanation> {
    return this.#reader.explain(query);
  }

  async status(): Promise<StoreStatus> {
    const one = async (text: string, params: readonly string[] = []) =>
      (await this.all({ text, params }))[0]!;
    const [batches, lost, first, last] = await one(
      'SELECT COUNT(*), COALESCE(SUM(lost), 0), MIN(time_first), MAX(time_last) FROM batch',
    );
    const [hosts] = await one('SELECT COUNT(DISTINCT hostname) FROM source');
    const [size] = await one(
      'SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = ?',
      [this.#name],
    );
    const rows: Record<string, number> = {};
    for (const name of (await this.categories()).keys()) {
      const [count] = await one(`SELECT COALESCE(SUM(JSON_VALUE(accepted, '$.${name}')), 0) FROM batch`);
      if (Number(count) > 0) rows[name] = Number(count);
    }
    const time = (value: SqlValue | undefined) =>
      value === null || value === undefined ? null : Number(value);
    return {
      location: this.location,
      schemaVersion: await this.#schemaVersion(),
      sizeBytes: Number(size),
      batches: Number(batches),
      hosts: Number(hosts),
      lost: Number(lost),
      firstTimeUs: time(first),
      lastTimeUs: time(last),
      rows,
    };
  }

  async rebuild(): Promise<number> {
    return rebuildSummaries(this, (await this.categories()).values());
  }

  async migrate(): Promise<MigrateResult> {
    const from = await this.#ourVersion();
    if (from === SCHEMA_VERSION) return { from, to: from };
    checkNotNewer(from, this.location);
    const isDone = (error: unknown) =>
      ((error as Error).cause as { code?: string } | undefined)?.code === 'ER_DUP_FIELDNAME';
    await migrateTables(this, from, [...(await this.categories()).values()], isDone);
    return { from, to: SCHEMA_VERSION };
  }

  async prune(options: PruneOptions): Promise<PruneResult> {
    const prunable = mysqlPrunable(this.#pool, this.#name, () => this.categories());
    return this.#translated(() => prune(prunable, options, Date.now()));
  }

  async close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    await this.#closing;
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

  async #ourVersion(): Promise<number> {
    const names = await this.#tableNames();
    if (!names.includes('meta') || !names.includes('batch')) throw this.#notOurs(names);
    return this.#schemaVersion();
  }

  async #tableNames(): Promise<readonly string[]> {
    const rows = await this.all({
      text: 'SELECT table_name FROM information_schema.tables WHERE table_schema = ?',
      params: [this.#name],
    });
    return rows.map(([name]) => String(name));
  }

  async #schemaVersion(): Promise<number> {
    const rows = await this.all({ text: "SELECT value FROM meta WHERE name = 'schema_version'", params: [] });
    return Number(rows[0]?.[0]);
  }

  #notOurs(names: readonly string[]): KernelscopeError {
    if (names.length === 0) {
      return new KernelscopeError('database_invalid', `${this.location} is an empty database`, {
        suggestions: ['make its tables: kernelscope db init with the same --mysql, --dbuser and --dbname'],
      });
    }
    return new KernelscopeError('database_invalid', `${this.location} is a database of something else`, {
      suggestions: [
        `it has the tables ${names.slice(0, 5).join(', ')}; name a database of kernelscope's own`,
      ],
    });
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
