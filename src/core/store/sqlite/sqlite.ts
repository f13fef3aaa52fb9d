import { statSync } from 'node:fs';
import { resolve } from 'node:path';
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
import { SlotSums } from '../summary/slot-sums.ts';
import { SCHEMA_VERSION } from '../table.ts';
import { addSqliteCategory, dropSqliteCategory } from './sqlite-categories.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import {
  inTransaction,
  openSqliteFile,
  type SqliteDatabase,
  type SqliteStatement,
  translateSqliteError,
} from './sqlite-driver.ts';
import { sqlitePrunable } from './sqlite-prunable.ts';
import { SqliteWriter } from './sqlite-writer.ts';

/** Rows that leave a statement at a time. */
const ROWS_PER_CHUNK = 1000;

/** Opens a SQLite database. Throws `database_missing`, `database_invalid`, `database_newer` and what the driver says. */
export async function openSqlite(file: string, options: OpenOptions): Promise<Store> {
  const path = resolve(file);
  const create = options.create ?? false;
  const database = await openSqliteFile(path, { readOnly: options.readOnly ?? false, create });
  const store = new SqliteStore(database, path);
  try {
    if (!create && !options.anyVersion) store.checkSchema();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

type AggregateOptions = Parameters<SqliteDatabase['aggregate']>[1];

class SqliteStore implements Store, SqlConnection {
  readonly dialect = sqliteDialect;
  readonly sharesCommits = true;
  readonly #database: SqliteDatabase;
  readonly location: string;
  readonly #reader: SqlReader;
  readonly #writer: SqliteWriter;
  readonly #statements = new Map<string, SqliteStatement>();
  #sums = new SlotSums();
  readonly #categories = new CategoryCache();

  constructor(database: SqliteDatabase, file: string) {
    this.#database = database;
    this.location = file;
    this.#reader = new SqlReader(this);
    this.#writer = new SqliteWriter(database);
    // SQLite groups by sorting; an aggregate that adds into slots is three times faster and needs no room.
    const step = (_: unknown, slot: number, value: number) => this.#sums.add(slot, value);
    database.aggregate('add_to_slot', { start: null, step } as unknown as AggregateOptions);
    if (!database.readonly) {
      // An acknowledged batch outlives a power cut: every commit is on the disk.
      database.pragma('synchronous = FULL');
    }
  }

  async init(): Promise<{ readonly created: boolean }> {
    return this.#translated(() => {
      if (this.#tableNames().length > 0) {
        this.checkSchema();
        return { created: false };
      }
      const statements = createStatements(builtInCategories, sqliteDialect);
      const pragmas = statements.filter((statement) => statement.startsWith('PRAGMA'));
      for (const pragma of pragmas) this.#database.exec(pragma);
      inTransaction(this.#database, () => {
        for (const statement of statements) if (!pragmas.includes(statement)) this.#database.exec(statement);
      });
      return { created: true };
    });
  }

  /** Throws unless the file holds the tables of this version. */
  checkSchema(): void {
    this.#translated(() => {
      checkSchemaVersion(this.#ourVersion(), this.location);
    });
  }

  async categories(): Promise<ReadonlyMap<string, Category>> {
    return this.#translated(() => {
      const rows = this.#prepare('SELECT definition FROM category ORDER BY position, name')
        .pluck()
        .all() as string[];
      return this.#categories.decode(rows);
    });
  }

  async addCategory(category: Category): Promise<{ readonly created: boolean }> {
    return this.#translated(() => addSqliteCategory(this.#database, category));
  }

  async dropCategory(name: string): Promise<{ readonly records: number }> {
    const result = this.#translated(() => dropSqliteCategory(this.#database, name));
    await sqlitePrunable(this.#database, () => this.categories()).giveBackSpace();
    return result;
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
    return this.#translated(() => {
      const [batches, lost, firstTimeUs, lastTimeUs] = this.#prepare(
        'SELECT count(*), total(lost), min(time_first), max(time_last) FROM batch',
      )
        .raw()
        .get() as [number, number, number | null, number | null];
      const hosts = this.#prepare('SELECT count(DISTINCT hostname) FROM source').pluck().get() as number;
      const counts = this.#prepare(
        'SELECT item.key, sum(item.value) FROM batch, json_each(batch.accepted) AS item GROUP BY item.key',
      )
        .raw()
        .all() as [string, number][];
      const schemaVersion = this.#schemaVersion();
      const sizeBytes = [this.location, `${this.location}-wal`].reduce(
        (sum, file) => sum + fileSize(file),
        0,
      );
      const rows = Object.fromEntries(counts);
      return {
        location: this.location,
        schemaVersion,
        sizeBytes,
        batches,
        hosts,
        lost,
        firstTimeUs,
        lastTimeUs,
        rows,
      };
    });
  }

  async rebuild(): Promise<number> {
    return rebuildSummaries(this, (await this.categories()).values());
  }

  async migrate(): Promise<MigrateResult> {
    const from = this.#ourVersion();
    if (from === SCHEMA_VERSION) return { from, to: from };
    checkNotNewer(from, this.location);
    const backup = `${this.location}.version-${from}`;
    await this.#database.backup(backup).catch((error: unknown) => {
      throw translateSqliteError(error, backup);
    });
    const isDone = (error: unknown) =>
      error instanceof KernelscopeError && error.message.includes('duplicate column name');
    await migrateTables(this, from, [...(await this.categories()).values()], isDone);
    // The whole file is written anew once: only so do its pages learn where they belong, and can be given back later.
    this.#translated(() => {
      this.#database.pragma('auto_vacuum = INCREMENTAL');
      this.#database.exec('VACUUM');
    });
    return { from, to: SCHEMA_VERSION, backup };
  }

  async prune(options: PruneOptions): Promise<PruneResult> {
    try {
      return await prune(
        sqlitePrunable(this.#database, () => this.categories()),
        options,
        Date.now(),
      );
    } catch (error) {
      throw translateSqliteError(error, this.location);
    }
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  async all(sql: Sql): Promise<readonly (readonly SqlValue[])[]> {
    return this.#translated(() => this.#prepare(sql.text).raw().all(sql.params) as SqlValue[][]);
  }

  async run(sql: Sql): Promise<void> {
    this.#translated(() => this.#database.prepare<unknown[]>(sql.text).run(sql.params));
  }

  async *stream(sql: Sql): AsyncIterable<readonly (readonly SqlValue[])[]> {
    // A statement that is being walked bars its connection from writing: a handle that writes reads through another.
    const database = this.#database.readonly
      ? this.#database
      : await openSqliteFile(this.location, { readOnly: true, create: false });
    try {
      // A statement of its own: one that is being walked cannot be run again by a second question.
      const statement = database.prepare<unknown[]>(sql.text).raw();
      let chunk: SqlValue[][] = [];
      for (const row of statement.iterate(sql.params)) {
        chunk.push(row as SqlValue[]);
        if (chunk.length < ROWS_PER_CHUNK) continue;
        yield chunk;
        chunk = [];
      }
      if (chunk.length > 0) yield chunk;
    } catch (error) {
      throw translateSqliteError(error, this.location);
    } finally {
      if (database !== this.#database) database.close();
    }
  }

  async sumByKey(key: string, weight: string, source: Sql): Promise<ReadonlyMap<number, number | bigint>> {
    return this.#translated(() => {
      this.#sums = new SlotSums();
      this.#database
        .prepare<unknown[]>(`SELECT add_to_slot(${key}, ${weight}) ${source.text}`)
        .get(source.params);
      return this.#sums.toMap();
    });
  }

  #ourVersion(): number {
    const names = this.#tableNames();
    if (!names.includes('meta') || !names.includes('batch')) throw this.#notOurs(names);
    return this.#schemaVersion();
  }

  #tableNames(): readonly string[] {
    return this.#database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .pluck()
      .all() as string[];
  }

  #schemaVersion(): number {
    return Number(this.#prepare("SELECT value FROM meta WHERE name = 'schema_version'").pluck().get());
  }

  #notOurs(names: readonly string[]): KernelscopeError {
    if (names.length === 0) {
      return new KernelscopeError('database_invalid', `${this.location} is an empty database`, {
        suggestions: [`make its tables: kernelscope db init --sqlite '${this.location}'`],
      });
    }
    return new KernelscopeError('database_invalid', `${this.location} is a database of something else`, {
      suggestions: [`it has the tables ${names.slice(0, 5).join(', ')}; name a file of kernelscope's own`],
    });
  }

  #prepare(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #translated<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw translateSqliteError(error, this.location);
    }
  }
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
