import type { Category } from '../category/define-category.ts';
import { createSummaryTable } from './create-statements.ts';
import type { StoreDialect } from './dialect.ts';
import { rebuildSummaries } from './rebuild.ts';
import type { SqlConnection } from './sql-connection.ts';
import { SCHEMA_VERSION } from './table.ts';

/** What a database was brought from and to; `backup` is the copy that was made first. */
export interface MigrateResult {
  readonly from: number;
  readonly to: number;
  readonly backup?: string;
}

/** A step to the next version: statements, then whether summaries are to be made from the rows. */
interface Migration {
  readonly statements: (categories: readonly Category[], dialect: StoreDialect) => readonly string[];
  readonly rebuildsSummaries: boolean;
}

/** The steps by the version that they start from; each can be run again where it broke off. */
const migrations: Readonly<Record<number, Migration>> = {
  // 1 had no summaries, and dictionaries did not say when an entry was last seen.
  1: {
    statements: (categories, dialect) => [
      ...['source', 'string', 'stack'].map(
        (table) =>
          `ALTER TABLE ${dialect.quote(table)} ADD COLUMN seen ${dialect.columnTypes.integer} NOT NULL DEFAULT 0`,
      ),
      ...categories.flatMap((category) => createSummaryTable(category, dialect)),
    ],
    rebuildsSummaries: true,
  },
};

/** Brings the tables from a version up to this one, step by step; `isDone` tells errors that say a step was taken before. */
export async function migrateTables(
  connection: SqlConnection,
  from: number,
  categories: readonly Category[],
  isDone: (error: unknown) => boolean,
): Promise<void> {
  for (let version = from; version < SCHEMA_VERSION; version++) {
    const migration = migrations[version];
    if (migration === undefined) throw new Error(`there is no step from version ${version}`);
    for (const text of migration.statements(categories, connection.dialect)) {
      await connection.run({ text, params: [] }).catch((error: unknown) => {
        if (!isDone(error)) throw error;
      });
    }
    if (migration.rebuildsSummaries) await rebuildSummaries(connection, categories);
    await connection.run({
      text: "UPDATE meta SET value = ? WHERE name = 'schema_version'",
      params: [String(version + 1)],
    });
  }
}
