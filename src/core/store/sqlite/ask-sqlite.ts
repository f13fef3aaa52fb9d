import { resolve } from 'node:path';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { SqlPage } from '../index.ts';
import { noQuestion, ROWS_PER_PAGE, toCell, uniqueNames } from '../sql-pages.ts';
import {
  openSqliteFile,
  type SqliteDatabase,
  type SqliteStatement,
  translateSqliteError,
} from './sqlite-driver.ts';

/** Asks a SQLite file a question in SQL. The handle cannot write, and takes one statement that gives rows: ATTACH is none. */
export async function* askSqlite(file: string, text: string): AsyncGenerator<SqlPage> {
  const path = resolve(file);
  const database = await openSqliteFile(path, { readOnly: true, create: false });
  try {
    database.pragma('query_only = ON');
    const statement = prepare(database, text);
    const columns = uniqueNames(statement.columns().map(({ name }) => name));
    let rows: SqlPage['rows'][number][] = [];
    for (const row of statement.raw().safeIntegers().iterate()) {
      rows.push((row as unknown[]).map(toCell));
      if (rows.length < ROWS_PER_PAGE) continue;
      yield { columns, rows };
      rows = [];
    }
    yield { columns, rows };
  } catch (error) {
    throw translateSqliteError(error, path);
  } finally {
    database.close();
  }
}

function prepare(database: SqliteDatabase, text: string): SqliteStatement {
  let statement: SqliteStatement;
  try {
    statement = database.prepare<unknown[]>(text);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // What SQLite, or the driver that takes one statement at a time, has against the text itself.
    if (code !== 'SQLITE_ERROR' && !(error instanceof RangeError)) throw error;
    throw new KernelscopeError('bad_query', message, { cause: error });
  }
  if (statement.reader) return statement;
  throw noQuestion();
}
