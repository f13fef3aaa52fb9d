import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { AskDatabase } from './stored-batches.ts';

/** A folder of a test's own, gone at the end of the block. */
export function makeFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'kernelscope-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a block with a plain connection of its own to a SQLite file, which no code of ours has a part in. */
export async function withSqlite<T>(
  file: string,
  run: (ask: AskDatabase, database: Database.Database) => Promise<T>,
): Promise<T> {
  const database = new Database(file, { fileMustExist: true });
  try {
    return await run(async (sql) => database.prepare<unknown[], unknown[]>(sql).raw().all(), database);
  } finally {
    database.close();
  }
}
