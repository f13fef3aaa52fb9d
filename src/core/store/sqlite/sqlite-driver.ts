import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { nativeAddon } from '../../assets/native-addon.ts';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { defineRankFunction } from './rank-function.ts';

export type SqliteDatabase = BetterSqlite3.Database;
export type SqliteStatement = BetterSqlite3.Statement<unknown[]>;

/** How long a statement waits for another process's lock, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens a SQLite file; `create` makes it where it does not exist. Errors as of `translateSqliteError`. */
export async function openSqliteFile(
  file: string,
  options: { readonly readOnly: boolean; readonly create: boolean },
): Promise<SqliteDatabase> {
  checkFile(file, options.create);
  const { default: Database } = await import('better-sqlite3');
  const native = nativeAddon();
  try {
    const database = new Database(file, {
      readonly: options.readOnly,
      fileMustExist: !options.create,
      timeout: BUSY_TIMEOUT_MS,
      ...(native === undefined ? {} : { nativeBinding: native as unknown as string }),
    });
    // The first read is what tells a database from any other file.
    database.pragma('schema_version');
    defineRankFunction(database);
    return database;
  } catch (error) {
    throw translateSqliteError(error, file);
  }
}

/** How long a writer waits before it looks again whether the lock is free, in milliseconds. */
export const LOCK_POLL_MS = 1;

const neverNotified = new Int32Array(new SharedArrayBuffer(4));

/**
 * Begins a transaction that writes. SQLite itself looks for a free lock less and less often, up to 100 ms apart, and so
 * misses the gaps that another process leaves between many short transactions. Throws SQLITE_BUSY after some seconds.
 */
function beginImmediate(database: SqliteDatabase): void {
  const givesUpAtMs = performance.now() + BUSY_TIMEOUT_MS;
  database.pragma('busy_timeout = 0');
  try {
    for (;;) {
      try {
        database.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'SQLITE_BUSY' || performance.now() > givesUpAtMs)
          throw error;
        Atomics.wait(neverNotified, 0, 0, LOCK_POLL_MS);
      }
    }
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Runs in a transaction that writes: all of it is committed, or none where it throws. */
export function inTransaction<T>(database: SqliteDatabase, run: () => T): T {
  beginImmediate(database);
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** What the file takes, with what waits beside it to be put in. */
export function sqliteFileBytes(file: string): number {
  return [file, `${file}-wal`].reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Turns what SQLite says into a KernelscopeError that names the file and the remedy; other errors stay as they are. */
export function translateSqliteError(error: unknown, file: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return error;
  const primary = code.split('_', 2).join('_');
  const make = meanings[primary];
  return make === undefined
    ? new KernelscopeError('database_unavailable', `${file}: ${(error as Error).message} (${code})`, {
        cause: error,
      })
    : make(file, error);
}

const meanings: Readonly<Record<string, (file: string, cause: unknown) => KernelscopeError>> = {
  SQLITE_NOTADB: (file, cause) =>
    new KernelscopeError('database_invalid', `${file} is not a SQLite database`, {
      suggestions: ['name another file, or move this one away and run kernelscope db init'],
      cause,
    }),
  SQLITE_CORRUPT: (file, cause) =>
    new KernelscopeError('database_invalid', `${file} is damaged: ${(cause as Error).message}`, {
      suggestions: [`what can be read of it: sqlite3 '${file}' .recover`],
      cause,
    }),
  SQLITE_BUSY: (file, cause) =>
    new KernelscopeError('database_locked', `${file} is locked by another process`, {
      suggestions: ['wait until it is done, or find it: fuser -v FILE'],
      cause,
    }),
  SQLITE_READONLY: (file, cause) =>
    new KernelscopeError('database_readonly', `${file} cannot be written`, {
      suggestions: ['the file and its folder must be writable by this user'],
      cause,
    }),
  SQLITE_FULL: (file, cause) => diskFull(file, cause),
  SQLITE_CANTOPEN: (file, cause) =>
    new KernelscopeError('permission_denied', `${file} cannot be opened`, {
      suggestions: ['the file must be readable, and its folder writable, by this user'],
      cause,
    }),
};

function diskFull(file: string, cause: unknown): KernelscopeError {
  return new KernelscopeError('database_full', `the disk that holds ${file} is full`, {
    suggestions: ['make room; nothing that was acknowledged is lost'],
    cause,
  });
}

function checkFile(file: string, create: boolean): void {
  const folder = dirname(file);
  if (create && !existsSync(folder)) {
    throw new KernelscopeError(
      'database_missing',
      `${file} cannot be there: the folder ${folder} does not exist`,
      {
        suggestions: [`make it: mkdir -p '${folder}'`],
      },
    );
  }
  if (!existsSync(file)) {
    if (create) return;
    throw new KernelscopeError('database_missing', `there is no database ${file}`, {
      suggestions: [`make one: kernelscope db init --sqlite '${file}'`],
    });
  }
  if (statSync(file).isDirectory()) {
    throw new KernelscopeError('database_invalid', `${file} is a folder, not a database`);
  }
}
