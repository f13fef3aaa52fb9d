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
  /** Opens what can only be asked; absent where a database opened read-only serves. */
  readonly openSource?: (address: string, options: SourceOptions) => Promise<RecordSource>;
}

/** How a service is asked. */
export interface SourceOptions {
  readonly token?: string;
}

/** The backends by name, each loaded when it is opened; a new one is one more entry here. */
const backends = {
  sqlite: {
    prefixes: ['sqlite:'],
    keepsPrefix: false,
    open: async (address, options) => (await import('./sqlite/sqlite.ts')).openSqlite(address, options),
  },
  mysql: {
    prefixes: ['mysql:', 'mariadb:'],
    keepsPrefix: true,
    open: async (address, options) => (await import('./mysql/mysql.ts')).openMysql(address, options),
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

/** Opens what can be asked for records: a database, read-only, or a web service. */
export async function openSource(
  location: StoreLocation,
  options: SourceOptions = {},
): Promise<RecordSource> {
  const backend: Backend = backends[location.backend];
  if (backend.openSource !== undefined) return backend.openSource(location.address, options);
  return openStore(location, { readOnly: true });
}
