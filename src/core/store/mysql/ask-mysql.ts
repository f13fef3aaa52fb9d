import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { formatDurationNs } from '../../base/units.ts';
import type { SqlLimits, SqlPage } from '../index.ts';
import { noQuestion, ROWS_PER_PAGE, toCell, uniqueNames } from '../sql-pages.ts';
import { parseMysqlAddress } from './mysql-address.ts';
import {
  type CallbackConnection,
  createMysqlPool,
  type MysqlField,
  type MysqlPool,
  translateMysqlError,
} from './mysql-driver.ts';

/** Numbers of a statement that ran out of its time, in MySQL and in MariaDB: mysql2 has no name for one of them. */
const timeoutNumbers = [3024, 1969];

/** Asks a MySQL database a question in SQL, in a session that cannot write and whose statements end in time. */
export async function* askMysql(address: string, text: string, limits: SqlLimits): AsyncGenerator<SqlPage> {
  const parsed = parseMysqlAddress(address);
  const pool = await createMysqlPool(parsed, { readOnly: true });
  const { signal } = limits;
  // mysql2 may wait for ever for a session that was killed: the signal counts without it.
  const stopped = rejectOnAbort(signal);
  stopped.catch(() => {});
  const inTime = <T>(promise: Promise<T>) => Promise.race([promise, stopped]);
  let threadId: number | undefined;
  try {
    const connection = await inTime(pool.getConnection());
    threadId = connection.threadId;
    await inTime(connection.query(await timeLimit(pool, limits.timeoutMs)));
    const answer = pages(connection.connection as unknown as CallbackConnection, text);
    for (;;) {
      const next = await inTime(answer.next());
      if (next.done) break;
      yield next.value;
    }
    connection.release();
  } catch (error) {
    throw explain(error, parsed.location, limits);
  } finally {
    // The session as a whole: a statement that is about to begin would not be met.
    if (signal.aborted && threadId !== undefined) await pool.query(`KILL ${threadId}`).catch(() => {});
    const ended = pool.end().catch(() => {});
    if (!signal.aborted) await ended;
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new KernelscopeError('timed_out', 'the question was stopped'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

async function* pages(connection: CallbackConnection, text: string): AsyncGenerator<SqlPage> {
  // Of a prepared statement the server says beforehand whether it gives rows: nothing is run that does not.
  await prepareQuestion(connection, text);
  const query = connection.query({ sql: text, rowsAsArray: true });
  let columns: readonly string[] = [];
  query.on('fields', (fields: MysqlField[]) => {
    columns = uniqueNames(fields.map(({ name }) => name));
  });
  let rows: SqlPage['rows'][number][] = [];
  for await (const row of query.stream({ highWaterMark: ROWS_PER_PAGE })) {
    rows.push((row as unknown[]).map(toCell));
    if (rows.length < ROWS_PER_PAGE) continue;
    yield { columns, rows };
    rows = [];
  }
  yield { columns, rows };
}

function prepareQuestion(connection: CallbackConnection, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.prepare(text, (error, statement) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const { columns } = statement as unknown as { readonly columns: readonly unknown[] };
      statement.close();
      if (columns.length > 0) resolve();
      else reject(noQuestion());
    });
  });
}

async function timeLimit(pool: MysqlPool, timeoutMs: number): Promise<string> {
  const [rows] = await pool.query('SELECT VERSION()');
  const [[version]] = rows as unknown as [[string]];
  return /mariadb/i.test(version)
    ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
    : `SET SESSION max_execution_time = ${Math.ceil(timeoutMs)}`;
}

function explain(error: unknown, location: string, { timeoutMs }: SqlLimits): unknown {
  const { code, errno, sqlState, message } = error as {
    code?: string;
    errno?: number;
    sqlState?: string;
    message: string;
  };
  if (timeoutNumbers.includes(errno ?? 0))
    return new KernelscopeError(
      'timed_out',
      `the question took more than ${formatDurationNs(timeoutMs * 1e6)}`,
    );
  if (code === undefined || error instanceof KernelscopeError) return error;
  // 42: what the text of a statement says is wrong, other than who may say it.
  const isDenied = code.includes('ACCESS_DENIED') || code.includes('READ_ONLY');
  if (sqlState?.startsWith('42') && !isDenied)
    return new KernelscopeError('bad_query', message, { cause: error });
  return translateMysqlError(error, location);
}
