import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category, Row } from '../category/define-category.ts';
import { builtInCategories } from '../category/index.ts';
import type { Condition } from '../query/condition.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../query/query.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { CategoryCache } from './category-cache.ts';
import { checkNotNewer, checkSchemaVersion } from './check-schema-version.ts';
import { createStatements } from './create-statements.ts';
import type { OpenOptions } from './index.ts';
import { type MigrateResult, migrateTables } from './migrate.ts';
import { type PruneOptions, type PruneResult, prune } from './prune.ts';
import { rebuildSummaries } from './rebuild.ts';
import type { SqlBackend } from './sql-backend.ts';
import type { SqlValue } from './sql-connection.ts';
import { SqlReader } from './sql-reader.ts';
import type {
  AppendResult,
  Explanation,
  GroupChunk,
  KeyedBatch,
  Scope,
  Store,
  StoreStatus,
} from './store.ts';
import { SCHEMA_VERSION } from './table.ts';

/** Makes a store of a database that was opened; closes it where its tables are not those of this version. */
export async function openSqlStore(backend: SqlBackend, options: OpenOptions): Promise<Store> {
  const store = new SqlStore(backend);
  try {
    if (!options.create && !options.anyVersion) await store.checkSchema();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A store over a database that speaks SQL: what is the same for all kinds of them. */
class SqlStore implements Store {
  readonly #backend: SqlBackend;
  readonly #reader: SqlReader;
  readonly #categories = new CategoryCache();
  #closing: Promise<void> | undefined;

  constructor(backend: SqlBackend) {
    this.#backend = backend;
    this.#reader = new SqlReader(backend);
  }

  get location(): string {
    return this.#backend.location;
  }

  get sharesCommits(): boolean {
    return this.#backend.sharesCommits;
  }

  async init(): Promise<{ readonly created: boolean }> {
    if (await this.#isWhole()) return { created: false };
    await this.#backend.createTables(createStatements(builtInCategories, this.#backend.dialect));
    return { created: true };
  }

  /** Throws unless the database holds the tables of this version. */
  async checkSchema(): Promise<void> {
    checkSchemaVersion(await this.#ourVersion(), this.location);
  }

  async categories(): Promise<ReadonlyMap<string, Category>> {
    return this.#categories.decode(await this.#backend.definitions());
  }

  addCategory(category: Category): Promise<{ readonly created: boolean }> {
    return this.#backend.addCategory(category);
  }

  dropCategory(name: string): Promise<{ readonly records: number }> {
    return this.#backend.dropCategory(name);
  }

  append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    return this.#backend.append(batches);
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
    const [batches, lost, first, last] = await this.#one(
      'SELECT COUNT(*), COALESCE(SUM(lost + 0.0), 0), MIN(time_first), MAX(time_last) FROM batch',
    );
    const [hosts] = await this.#one('SELECT COUNT(DISTINCT hostname) FROM source');
    const time = (value: SqlValue | undefined) =>
      value === null || value === undefined ? null : Number(value);
    return {
      location: this.location,
      schemaVersion: await this.#schemaVersion(),
      sizeBytes: await this.#backend.sizeBytes(),
      batches: Number(batches),
      hosts: Number(hosts),
      lost: Number(lost),
      firstTimeUs: time(first),
      lastTimeUs: time(last),
      rows: await this.#backend.countRecords((await this.categories()).keys()),
    };
  }

  async rebuild(): Promise<number> {
    return rebuildSummaries(this.#backend, (await this.categories()).values());
  }

  async migrate(): Promise<MigrateResult> {
    const from = await this.#ourVersion();
    if (from === SCHEMA_VERSION) return { from, to: from };
    checkNotNewer(from, this.location);
    const backup = await this.#backend.backUp(from);
    await migrateTables(this.#backend, from, [...(await this.categories()).values()], (error) =>
      this.#backend.isStepDone(error),
    );
    await this.#backend.finishMigration();
    return { from, to: SCHEMA_VERSION, ...(backup !== undefined && { backup }) };
  }

  async prune(options: PruneOptions): Promise<PruneResult> {
    const prunable = this.#backend.prunable(() => this.categories());
    try {
      return await prune(prunable, options, Date.now());
    } catch (error) {
      throw this.#backend.translate(error);
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#backend.close();
    await this.#closing;
  }

  /** Whether nothing is missing of what `init` makes. Throws where the tables are of another version, or not ours. */
  async #isWhole(): Promise<boolean> {
    const names = await this.#backend.tableNames();
    if (names.length === 0) return false;
    if (this.#backend.createsAtOnce) {
      await this.checkSchema();
      return true;
    }
    if (!names.includes('meta')) throw this.#notOurs(names);
    if (!names.includes('batch')) return false;
    const version = await this.#schemaVersion();
    if (Number.isNaN(version)) return false;
    checkSchemaVersion(version, this.location);
    // Last of all comes a row for each category.
    const declared = await this.categories();
    return builtInCategories.every(({ name }) => declared.has(name));
  }

  async #ourVersion(): Promise<number> {
    const names = await this.#backend.tableNames();
    if (!names.includes('meta') || !names.includes('batch')) throw this.#notOurs(names);
    return this.#schemaVersion();
  }

  async #schemaVersion(): Promise<number> {
    const [version] = await this.#one("SELECT value FROM meta WHERE name = 'schema_version'");
    return Number(version);
  }

  async #one(text: string): Promise<readonly SqlValue[]> {
    return (await this.#backend.all({ text, params: [] }))[0] ?? [];
  }

  #notOurs(names: readonly string[]): KernelscopeError {
    if (names.length === 0) {
      return new KernelscopeError('database_invalid', `${this.location} is an empty database`, {
        suggestions: [`make its tables: ${this.#backend.initCommand}`],
      });
    }
    return new KernelscopeError('database_invalid', `${this.location} is a database of something else`, {
      suggestions: [`it has the tables ${names.slice(0, 5).join(', ')}; name one of kernelscope's own`],
    });
  }
}
