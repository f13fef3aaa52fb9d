import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { Category } from '../../src/core/category/define-category.ts';
import { createCategoryStatements } from '../../src/core/store/create-statements.ts';
import { type OpenOptions, openStore } from '../../src/core/store/index.ts';
import { sqliteDialect } from '../../src/core/store/sqlite/sqlite-dialect.ts';
import type { Store } from '../../src/core/store/store.ts';
import { openStoreInWorker } from '../../src/core/store/thread/worker-store.ts';

/** In memory where there is such a place: what databases do to be safe costs no time there. */
const folderOfTests = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A database that a test has to itself. */
export interface TestDatabase {
  /** Opens it once more, as another process would. */
  open(options?: OpenOptions): Promise<Store>;
  remove(): Promise<void>;
}

/** Makes an empty database that knows the built-in categories and these. */
export type CreateTestDatabase = (categories: readonly Category[]) => Promise<TestDatabase>;

/** Makes a folder. The caller removes it. */
export async function makeFolder(): Promise<{
  readonly folder: string;
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(folderOfTests, 'kernelscope-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Makes a folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const { folder, remove } = await makeFolder();
  onTestFinished(remove);
  return folder;
}

/** Makes SQLite files, opened in this thread. */
export const createSqliteDatabase: CreateTestDatabase = (categories) =>
  createFile(categories, (file, options) => openStore({ backend: 'sqlite', address: file }, options));

/** Makes SQLite files, opened in a thread of their own as the services do. */
export const createSqliteDatabaseInWorker: CreateTestDatabase = (categories) =>
  createFile(categories, (file, options) =>
    openStoreInWorker({ location: { backend: 'sqlite', address: file }, options }),
  );

async function createFile(
  categories: readonly Category[],
  open: (file: string, options: OpenOptions) => Promise<Store>,
): Promise<TestDatabase> {
  const { folder, remove } = await makeFolder();
  const file = join(folder, 'kernelscope.db');
  const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
  await store.init();
  await store.close();
  declareCategories(file, categories);
  return {
    open: (options = {}) => open(file, options),
    remove,
  };
}

/** Declares categories in a SQLite file that is there. */
export function declareCategories(file: string, categories: readonly Category[]): void {
  const database = new Database(file);
  for (const [position, category] of categories.entries())
    for (const statement of createCategoryStatements(category, position + 1, sqliteDialect))
      database.exec(statement);
  database.close();
}
