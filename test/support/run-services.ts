import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll } from 'vitest';
import type { Category } from '../../src/core/category/define-category.ts';
import { type RunningServices, serve } from '../../src/core/service/serve.ts';
import { openStore } from '../../src/core/store/index.ts';
import { declareCategories, makeFolder } from './test-database.ts';

/** A logger and a web service over a database of their own. */
export interface TestServices {
  readonly loggerUrl: string;
  readonly webUrl: string;
  readonly file: string;
  /** What the services took for bugs of their own. */
  readonly bugs: readonly Error[];
  close(): Promise<void>;
}

/** Makes a database file that knows these categories. */
export async function makeDatabaseFile(
  folder: string,
  categories: readonly Category[] = [],
): Promise<string> {
  const file = join(folder, 'kernelscope.db');
  const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
  await store.init();
  await store.close();
  declareCategories(file, categories);
  return file;
}

/** Runs both services on free ports. The caller closes them. */
export async function startServices(
  file: string,
  options: {
    readonly token?: string;
    readonly legacyOffcputime?: boolean;
    readonly loggerPort?: number;
  } = {},
): Promise<TestServices> {
  const { token, legacyOffcputime = false, loggerPort = 0 } = options;
  const bugs: Error[] = [];
  const listening = { host: '127.0.0.1', ...(token !== undefined && { token }) };
  const running: RunningServices = await serve({
    location: { backend: 'sqlite', address: file },
    create: false,
    logger: { ...listening, port: loggerPort, legacyOffcputime },
    web: { ...listening, port: 0 },
    onBug: (error) => bugs.push(error),
  });
  return { loggerUrl: running.loggerUrl!, webUrl: running.webUrl!, file, bugs, close: () => running.close() };
}

/** Runs both services for all tests of a file, over a database that knows these categories. */
export async function servicesOfFile(
  options: Parameters<typeof startServices>[1] & { readonly categories?: readonly Category[] } = {},
): Promise<TestServices> {
  const { folder, remove } = await makeFolder();
  const services = await startServices(await makeDatabaseFile(folder, options.categories), options);
  afterAll(async () => {
    await services.close();
    await remove();
  });
  return services;
}

/** Holds the write lock of a SQLite file, as another program may, until the function that it gives is called. */
export function lockDatabase(file: string): () => void {
  const database = new Database(file);
  database.exec('BEGIN IMMEDIATE');
  return () => {
    if (!database.open) return;
    database.exec('ROLLBACK');
    database.close();
  };
}

/** Counts the rows of a table as any other program sees them. */
export function countRows(file: string, table: string): number {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number;
  } finally {
    database.close();
  }
}
