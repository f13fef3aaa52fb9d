import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2/promise';
import { KernelscopeError } from '../base/kernelscope-error.ts';

export type MysqlPool = Pool;
export type MysqlConnection = PoolConnection;

/** Connections of one store: enough for the commits that share a flush of the log. */
const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 10_000;

/** A database as an address names it: `mysql://USER:PASSWORD@HOST:PORT/NAME?ssl-ca=FILE&socket=PATH`. */
export interface MysqlAddress {
  readonly options: PoolOptions;
  readonly name: string;
  /** Without the password. */
  readonly location: string;
}

/** Reads an address. Throws `usage` for a parameter that does not exist, or a missing name. */
export function parseMysqlAddress(address: string): MysqlAddress {
  const url = new URL(address);
  const name = decodeURIComponent(url.pathname.slice(1)) || 'kernelscope';
  const known = ['socket', 'ssl', 'ssl-ca', 'ssl-cert', 'ssl-key'];
  for (const key of url.searchParams.keys()) {
    if (known.includes(key)) continue;
    throw new KernelscopeError('usage', `a MySQL address has no parameter '${key}'`, {
      suggestions: [`parameters are: ${known.join(', ')}`],
    });
  }
  const socket = url.searchParams.get('socket');
  const ssl = readSsl(url.searchParams);
  const user = decodeURIComponent(url.username) || 'root';
  const where = socket ?? `${url.hostname || 'localhost'}:${url.port || 3306}`;
  return {
    name,
    location: `mysql://${user}@${where}/${name}`,
    options: {
      ...(socket === null
        ? { host: url.hostname || 'localhost', port: Number(url.port || 3306) }
        : { socketPath: socket }),
      user,
      ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
      ...(ssl !== undefined && { ssl }),
    },
  };
}

/** Opens a pool to the database. `readOnly` makes every session refuse to write. Nothing is asked of the server yet. */
export async function createMysqlPool(
  address: MysqlAddress,
  options: { readonly readOnly: boolean },
): Promise<Pool> {
  const { createPool } = await import('mysql2/promise');
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
  });
  if (options.readOnly) {
    pool.on('connection', (connection) => {
      // Queued before anything else that this session is asked.
      connection.query('SET SESSION TRANSACTION READ ONLY');
    });
  }
  return pool;
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

/** Errors after which the same transaction, run again, may well succeed: deadlocks, failed certification, lock waits. */
export function isRetryable(error: unknown): boolean {
  return ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'].includes(
    (error as { code?: string }).code ?? '',
  );
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
  // Whatever has a state comes from the server; whatever is fatal is the end of a connection.
  if (sqlState === undefined && !fatal && !networkCodes.has(code)) return error;
  return new KernelscopeError('database_unavailable', `${location}: ${message || code}`, {
    suggestions: ['is the server running, and reachable from here?'],
    cause: error,
  });
}

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
  'POOL_CLOSED',
]);

const accessDenied = (location: string, cause: Error) =>
  new KernelscopeError('permission_denied', `${location}: ${cause.message}`, {
    suggestions: [
      'check --dbuser, --dbname and the password; reading needs SELECT, logging also INSERT, UPDATE and DELETE',
    ],
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
  ER_BAD_DB_ERROR: missing,
  ER_NO_SUCH_TABLE: missing,
  ER_RECORD_FILE_FULL: full,
  ER_DISK_FULL: full,
  ER_OPTION_PREVENTS_STATEMENT: readOnly,
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: readOnly,
  ER_LOCK_DEADLOCK: locked,
  ER_LOCK_WAIT_TIMEOUT: locked,
};

function readSsl(params: URLSearchParams): PoolOptions['ssl'] | undefined {
  const read = (key: string) => {
    const file = params.get(key);
    if (file === null) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new KernelscopeError(
        'usage',
        `${file}, named by ${key}, cannot be read: ${(error as Error).message}`,
      );
    }
  };
  const [ca, cert, key] = [read('ssl-ca'), read('ssl-cert'), read('ssl-key')];
  if (ca === undefined && cert === undefined && key === undefined && params.get('ssl') === null)
    return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: true,
  };
}
