import { type Category, entryColumns } from '../category/define-category.ts';
import { builtInCategories } from '../category/index.ts';
import { createCategoryStatements, createSummaryTable, declareCategory } from './create-statements.ts';
import type { StoreDialect } from './dialect.ts';
import { rebuildSummaries } from './rebuild.ts';
import type { SqlConnection } from './sql-connection.ts';
import { rowTableColumns, rowTableName, SCHEMA_VERSION } from './table.ts';

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
  // 1 had no summaries, which the step from 3 fills, and dictionaries did not say when an entry was last seen.
  1: {
    statements: (categories, dialect) => [
      ...['source', 'string', 'stack'].map(
        (table) =>
          `ALTER TABLE ${dialect.quote(table)} ADD COLUMN seen ${dialect.columnTypes.integer} NOT NULL DEFAULT 0`,
      ),
      ...categories.flatMap((category) => createSummaryTable(category, dialect)),
    ],
    rebuildsSummaries: false,
  },
  // 2 had fewer built-in categories, without columns that may be absent.
  2: {
    statements: (categories, dialect) =>
      builtInCategories.flatMap((category, place) => {
        const stored = categories.find(({ name }) => name === category.name);
        return stored === undefined
          ? createCategoryStatements(category, categories.length + place, dialect)
          : [...addColumns(category, stored, dialect), ...declareCategory(category, dialect)];
      }),
    rebuildsSummaries: false,
  },
  // 3 had larger summaries; those of 2, without a flag for columns that may be absent, are made anew here as well.
  3: { statements: () => [], rebuildsSummaries: true },
};

/** The statements that add to a row table the columns that a category has come to have. */
function addColumns(category: Category, stored: Category, dialect: StoreDialect): readonly string[] {
  const known = new Set(entryColumns(stored).map(({ name }) => name));
  return rowTableColumns(category)
    .filter(({ name }) => name !== 'time_offset' && !known.has(name))
    .map(
      ({ name, kind }) =>
        `ALTER TABLE ${dialect.quote(rowTableName(category))} ADD COLUMN ${dialect.quote(name)} ${dialect.columnTypes[kind]}`,
    );
}

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
    if (migration.rebuildsSummaries) await rebuildSummaries(connection, withBuiltIns(categories));
    await connection.run({
      text: "UPDATE meta SET value = ? WHERE name = 'schema_version'",
      params: [String(version + 1)],
    });
  }
}

/** The categories of a database, those that are built in as they are now. */
function withBuiltIns(categories: readonly Category[]): readonly Category[] {
  return [
    ...new Map([...categories, ...builtInCategories].map((category) => [category.name, category])).values(),
  ];
}
