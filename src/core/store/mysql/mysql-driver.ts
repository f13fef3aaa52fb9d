import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, FieldPacket } from 'mysql2';
import type { Pool } from 'mysql2/promise';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { MysqlAddress } from './mysql-address.ts';

export type MysqlPool = Pool;
/** A connection as it is without promises: it alone streams. */
export type CallbackConnection = Connection;
export type MysqlField = FieldPacket;

/** Connections of one store: enough for the commits that share a flush of the log. */
const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a statement of a writer may go without an answer: longer than whoever sent the batch waits for his. */
const STATEMENT_TIMEOUT_MS = 45_000;

/** Opens a pool to the database. `readOnly` makes every session refuse to write. Nothing is asked of the server yet. */
export async function createMysqlPool(
  address: MysqlAddress,
  options: { readonly readOnly: boolean },
): Promise<Pool> {
  const { createPool, format } = await import('mysql2/promise');
  const pool = createPool({
    ...address.options,
    database: address.name,
    charset: 'utf8mb4_bin',
    connectionLimit: MAX_CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    rowsAsArray: true,
    supportBigNumbers: true,
    // Sums are decimals: as text they lose nothing on the way.
    decimalNumbers: false,
    // A connection that idles is one that a fail-over may have left behind.
    idleTimeout: 30_000,
    maxIdle: 2,
    enableKeepAlive: true,
    // Where there are no values, the text is not searched for places to put them: that of many rows is long.
    queryFormat: (sql: string, values: unknown) =>
      Array.isArray(values) && values.length === 0 ? sql : format(sql, values as (string | number)[]),
  });
  pool.on('connection', (connection) => {
    // Queued before anything else that this session is asked. Whatever mode the server is in, a backslash escapes, as
    // mysql2 takes for granted, and what does not fit is refused instead of cut.
    connection.query(`SET SESSION sql_mode = 'STRICT_ALL_TABLES'`);
    if (options.readOnly) connection.query('SET SESSION TRANSACTION READ ONLY');
  });
  return pool;
}

/** What is asked on one session, in order. */
export interface MysqlSession {
  /** Asks with the values in the statement's text: for statements that are seldom the same twice. */
  query(sql: string, params?: readonly SqlParam[]): Promise<unknown>;
  /** Asks by a prepared statement. */
  execute(sql: string, params: readonly SqlParam[]): Promise<unknown>;
}
export type SqlParam = string | number | null | Uint8Array;

/**
 * Runs what belongs together on a session of its own. A statement without an answer for too long fails: a server that
 * is gone without a word would otherwise hold whoever asked it until the network gives up, a quarter of an hour later.
 */
export async function withSession<T>(pool: Pool, run: (session: MysqlSession) => Promise<T>): Promise<T> {
  const connection = await pool.getConnection();
  const timeout = STATEMENT_TIMEOUT_MS;
  let isOver = false;
  try {
    const result = await run({
      query: async (sql, params = []) => (await connection.query({ sql, values: [...params], timeout }))[0],
      execute: async (sql, params) => (await connection.execute({ sql, values: [...params], timeout }))[0],
    });
    isOver = true;
    return result;
  } finally {
    // A session that failed may still be inside a transaction, or about to answer: it is not one to hand on.
    if (isOver) connection.release();
    else connection.destroy();
  }
}

/** Makes the database where it is missing: a user who may is not asked to type CREATE DATABASE first. */
export async function createMysqlDatabase(address: MysqlAddress): Promise<void> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ ...address.options, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS \`${address.name.replaceAll('`', '``')}\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  } finally {
    await connection.end();
  }
}

/** Errors after which the same transaction, run again at once, may well succeed: deadlocks and failed certification. */
export function isRetryable(error: unknown): boolean {
  return ['ER_LOCK_DEADLOCK', 'ER_CHECKREAD'].includes((error as { code?: string }).code ?? '');
}

/** How often a transaction is run again after a deadlock or a failed certification. */
export const MAX_ATTEMPTS = 10;

/** Runs a statement that commits by itself, again where that may help. */
export async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isRetryable(error) || attempt === MAX_ATTEMPTS) throw error;
      await delay(Math.random() * 20 * attempt);
    }
  }
}

/** Asks what stands by itself, on any session, within the time of a writer's statement, and again where that may help. */
export function askOnce(pool: Pool, sql: string, params?: readonly SqlParam[]): Promise<unknown> {
  return retried(() => withSession(pool, (session) => session.query(sql, params)));
}

/** A unique key was there already. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: string }).code === 'ER_DUP_ENTRY';
}

/** Turns what the server or the network says into a KernelscopeError; other errors stay as they are. */
export function translateMysqlError(error: unknown, location: string): unknown {
  if (error instanceof KernelscopeError) return error;
  const { code, sqlState, message, fatal } = error as {
    code?: string;
    sqlState?: string;
    message: string;
    fatal?: boolean;
  };
  if (code === undefined) return error;
  const make = meanings[code];
  if (make !== undefined) return make(location, error as Error);
  if (certificateCodes.test(code)) return untrusted(location, error as Error);
  // Whatever has a state comes from the server; whatever is fatal is the end of a connection.
  if (sqlState === undefined && !fatal && !networkCodes.has(code)) return error;
  return new KernelscopeError('database_unavailable', `${location}: ${message || code}`, {
    suggestions: ['is the server running, and reachable from here?'],
    cause: error,
  });
}

/** What Node calls the ways in which a certificate does not do. */
const certificateCodes = /CERT|VERIFY_LEAF|^HANDSHAKE_/;

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
]);

const accessDenied = (location: string, cause: Error) =>
  new KernelscopeError('database_denied', `${location}: ${cause.message}`, {
    suggestions: [
      'check --dbuser, --dbname and the password; reading needs SELECT, logging also INSERT, UPDATE and DELETE',
      'an account may also be one that needs TLS: ?ssl-ca=FILE in the address',
    ],
    cause,
  });
const untrusted = (location: string, cause: Error) =>
  new KernelscopeError('database_unavailable', `${location}: ${cause.message}`, {
    suggestions: [
      "?ssl-ca=FILE in the address names who signed the server's certificate; ssl-mode=verify-ca takes any name in it",
    ],
    cause,
  });
const tooLarge = (location: string, cause: Error) =>
  new KernelscopeError('too_large', `${location}: ${cause.message}`, {
    suggestions: ['send fewer entries at a time, or raise max_allowed_packet on the server'],
    cause,
  });
const missing = (location: string, cause: Error) =>
  new KernelscopeError('database_missing', `${location}: ${cause.message}`, {
    suggestions: ['make it: kernelscope db init with the same --mysql, --dbuser and --dbname'],
    cause,
  });
const full = (location: string, cause: Error) =>
  new KernelscopeError('database_full', `${location}: ${cause.message}`, {
    suggestions: ['make room on the server; nothing that was acknowledged is lost'],
    cause,
  });
const readOnly = (location: string, cause: Error) =>
  new KernelscopeError('database_readonly', `${location}: ${cause.message}`, { cause });
const locked = (location: string, cause: Error) =>
  new KernelscopeError('database_locked', `${location}: ${cause.message}`, { cause });

const meanings: Readonly<Record<string, (location: string, cause: Error) => KernelscopeError>> = {
  ER_ACCESS_DENIED_ERROR: accessDenied,
  ER_DBACCESS_DENIED_ERROR: accessDenied,
  ER_TABLEACCESS_DENIED_ERROR: accessDenied,
  ER_COLUMNACCESS_DENIED_ERROR: accessDenied,
  ER_SPECIFIC_ACCESS_DENIED_ERROR: accessDenied,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: accessDenied,
  ER_NET_PACKET_TOO_LARGE: tooLarge,
  ER_BAD_DB_ERROR: missing,
  ER_NO_SUCH_TABLE: missing,
  ER_RECORD_FILE_FULL: full,
  ER_DISK_FULL: full,
  ER_OPTION_PREVENTS_STATEMENT: readOnly,
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: readOnly,
  ER_LOCK_DEADLOCK: locked,
  ER_LOCK_WAIT_TIMEOUT: locked,
};
