import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { RecordSource, Store } from './store.ts';

/** How a store is opened. */
export interface OpenOptions {
  /** The handle itself cannot write. */
  readonly readOnly?: boolean;
  /** Make the file where it is missing, and leave it to `Store.init` to make the tables. */
  readonly create?: boolean;
  /** Open tables of any version, to migrate them. */
  readonly anyVersion?: boolean;
}

/** Where records are: which backend, and its address in that backend's own form. */
export interface StoreLocation {
  readonly backend: BackendName;
  readonly address: string;
}

/** A kind of database, or of service that stands before one. */
interface Backend {
  /** What addresses of it start with; the address is what follows, or all of it where `keepsPrefix`. */
  readonly prefixes: readonly string[];
  readonly keepsPrefix: boolean;
  /** Opens a database; absent where records can only be asked for. */
  readonly open?: (address: string, options: OpenOptions) => Promise<Store>;
  /** Asks a database in its own SQL; absent where there is none. */
  readonly askSql?: (address: string, text: string, limits: SqlLimits) => AsyncIterable<SqlPage>;
  /** Opens what can only be asked; absent where a database opened read-only serves. */
  readonly openSource?: (address: string, options: SourceOptions) => Promise<RecordSource>;
}

/** A page of the answer to a question in SQL: the names of its columns, and rows of values. */
export interface SqlPage {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlCell[])[];
}

/** A value of such an answer; a whole number beyond 2^53 is its digits, bytes are their hexadecimal digits. */
export type SqlCell = string | number | null;

/** Bounds of a question in SQL; the signal stops it. */
export interface SqlLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How records are asked for. */
export interface SourceOptions {
  /** What a service wants to be told. */
  readonly token?: string;
  /** Ask a database from a thread of its own, so that this one goes on meanwhile. */
  readonly inThread?: boolean;
}

/** The backends by name, each loaded when it is opened; a new one is one more entry here. */
const backends = {
  sqlite: {
    prefixes: ['sqlite:'],
    keepsPrefix: false,
    open: async (address, options) => (await import('./sqlite/sqlite.ts')).openSqlite(address, options),
    askSql: async function* (address, text) {
      yield* (await import('./sqlite/ask-sqlite.ts')).askSqlite(address, text);
    },
  },
  mysql: {
    prefixes: ['mysql:', 'mariadb:'],
    keepsPrefix: true,
    open: async (address, options) => (await import('./mysql/mysql.ts')).openMysql(address, options),
    askSql: async function* (address, text, limits) {
      yield* (await import('./mysql/ask-mysql.ts')).askMysql(address, text, limits);
    },
  },
  server: {
    prefixes: ['http:', 'https:'],
    keepsPrefix: true,
    openSource: async (address, options) => (await import('./remote.ts')).openRemote(address, options),
  },
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof backends;

/** Reads an address such as `sqlite:FILE`, `mysql://HOST/NAME`, `http://HOST:PORT` or a plain path, which is a SQLite file. */
export function parseLocation(text: string): StoreLocation {
  for (const [name, backend] of Object.entries(backends)) {
    const prefix = backend.prefixes.find((candidate) => text.startsWith(candidate));
    if (prefix === undefined) continue;
    return { backend: name as BackendName, address: backend.keepsPrefix ? text : text.slice(prefix.length) };
  }
  return { backend: 'sqlite', address: text };
}

/** Opens the database at a location; errors are those of its backend. Throws `usage` for a service, which is no database. */
export async function openStore(location: StoreLocation, options: OpenOptions = {}): Promise<Store> {
  const backend: Backend = backends[location.backend];
  if (backend.open !== undefined) return backend.open(location.address, options);
  throw new KernelscopeError('usage', `${location.address} is a service, and this needs a database`, {
    suggestions: ['name one: --sqlite FILE'],
  });
}

/**
 * Asks a database one question in its own SQL, over a handle that cannot write. SQLite blocks the thread meanwhile and
 * knows no limits: whoever needs them asks from a process of its own. Throws `bad_query`, `database_readonly`,
 * `timed_out`, and `usage` for a service.
 */
export function askSql(location: StoreLocation, text: string, limits: SqlLimits): AsyncIterable<SqlPage> {
  const backend: Backend = backends[location.backend];
  if (backend.askSql !== undefined) return backend.askSql(location.address, text, limits);
  throw new KernelscopeError('usage', `${location.address} is a service, and takes no SQL`, {
    suggestions: ['name a database: --sqlite FILE; or ask the service by kernelscope query'],
  });
}

/** Opens what can be asked for records: a database, read-only, or a web service. */
export async function openSource(
  location: StoreLocation,
  options: SourceOptions = {},
): Promise<RecordSource> {
  const backend: Backend = backends[location.backend];
  if (backend.openSource !== undefined) return backend.openSource(location.address, options);
  if (!options.inThread) return openStore(location, { readOnly: true });
  const { openStoreInWorker } = await import('./thread/worker-store.ts');
  return openStoreInWorker({ location, options: { readOnly: true } });
}
