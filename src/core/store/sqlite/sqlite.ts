import { resolve } from 'node:path';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { Category } from '../../category/define-category.ts';
import type { Sql } from '../../query/sql.ts';
import type { OpenOptions } from '../index.ts';
import type { Prunable } from '../prune.ts';
import type { SqlBackend } from '../sql-backend.ts';
import type { SqlValue } from '../sql-connection.ts';
import { openSqlStore } from '../sql-store.ts';
import type { AppendResult, KeyedBatch, Store } from '../store.ts';
import { SlotSums } from '../summary/slot-sums.ts';
import { addSqliteCategory, dropSqliteCategory } from './sqlite-categories.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import {
  inTransaction,
  openSqliteFile,
  type SqliteDatabase,
  type SqliteStatement,
  sqliteFileBytes,
  translateSqliteError,
} from './sqlite-driver.ts';
import { giveBackSpace, sqlitePrunable } from './sqlite-prunable.ts';
import { SqliteWriter } from './sqlite-writer.ts';

/** Rows that leave a statement at a time. */
const ROWS_PER_CHUNK = 1000;

/** Opens a SQLite database. Throws `database_missing`, `database_invalid`, `database_newer` and what the driver says. */
export async function openSqlite(file: string, options: OpenOptions): Promise<Store> {
  const path = resolve(file);
  const { readOnly = false, create = false } = options;
  const database = await openSqliteFile(path, { readOnly, create });
  return openSqlStore(new SqliteBackend(database, path), options);
}

type AggregateOptions = Parameters<SqliteDatabase['aggregate']>[1];

class SqliteBackend implements SqlBackend {
  readonly dialect = sqliteDialect;
  readonly sharesCommits = true;
  readonly createsAtOnce = true;
  readonly #database: SqliteDatabase;
  readonly location: string;
  readonly #writer: SqliteWriter;
  readonly #statements = new Map<string, SqliteStatement>();
  #sums = new SlotSums();

  get initCommand(): string {
    return `kernelscope db init --sqlite '${this.location}'`;
  }

  constructor(database: SqliteDatabase, file: string) {
    this.#database = database;
    this.location = file;
    this.#writer = new SqliteWriter(database);
    // SQLite groups by sorting; an aggregate that adds into slots is three times faster and needs no room.
    const step = (_: unknown, slot: number, value: number) => this.#sums.add(slot, value);
    database.aggregate('add_to_slot', { start: null, step } as unknown as AggregateOptions);
    if (!database.readonly) {
      // An acknowledged batch outlives a power cut: every commit is on the disk.
      database.pragma('synchronous = FULL');
    }
  }

  async tableNames(): Promise<readonly string[]> {
    return this.#translated(
      () =>
        this.#database
          .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
          .pluck()
          .all() as string[],
    );
  }

  async createTables(statements: readonly string[]): Promise<void> {
    this.#translated(() => {
      const pragmas = statements.filter((statement) => statement.startsWith('PRAGMA'));
      for (const pragma of pragmas) this.#database.exec(pragma);
      inTransaction(this.#database, () => {
        for (const statement of statements) if (!pragmas.includes(statement)) this.#database.exec(statement);
      });
    });
  }

  async definitions(): Promise<readonly string[]> {
    return this.#translated(
      () =>
        this.#prepare('SELECT definition FROM category ORDER BY position, name').pluck().all() as string[],
    );
  }

  async addCategory(category: Category): Promise<{ readonly created: boolean }> {
    return this.#translated(() => addSqliteCategory(this.#database, category));
  }

  async dropCategory(name: string): Promise<{ readonly records: number }> {
    const result = this.#translated(() => dropSqliteCategory(this.#database, name));
    await giveBackSpace(this.#database);
    return result;
  }

  async append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    return this.#translated(() => this.#writer.append(batches));
  }

  async countRecords(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.all({
      text: 'SELECT item.key, sum(item.value) FROM batch, json_each(batch.accepted) AS item GROUP BY item.key',
      params: [],
    });
    return Object.fromEntries(rows.map(([name, count]) => [String(name), Number(count)]));
  }

  async sizeBytes(): Promise<number> {
    return sqliteFileBytes(this.location);
  }

  prunable(categories: Prunable['categories']): Prunable {
    return sqlitePrunable(this.#database, categories);
  }

  async backUp(version: number): Promise<string> {
    const backup = `${this.location}.version-${version}`;
    await this.#database.backup(backup).catch((error: unknown) => {
      throw translateSqliteError(error, backup);
    });
    return backup;
  }

  isStepDone(error: unknown): boolean {
    return error instanceof KernelscopeError && error.message.includes('duplicate column name');
  }

  /** Writes the whole file anew: only so do the pages of an old one learn where they belong, and can be given back later. */
  async finishMigration(): Promise<void> {
    this.#translated(() => {
      this.#database.pragma('auto_vacuum = INCREMENTAL');
      this.#database.exec('VACUUM');
    });
  }

  translate(error: unknown): unknown {
    return translateSqliteError(error, this.location);
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
