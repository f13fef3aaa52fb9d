import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { RecordSource, Store } from './store.ts';

/** How a store is opened. */
export interface OpenOptions {
  /** The handle itself cannot write. */
  readonly readOnly?: boolean;
  /** Make the database and its tables where they are missing. */
  readonly create?: boolean;
}

/** Where records are: which backend, and its address in that backend's own form. */
export interface StoreLocation {
  readonly backend: BackendName;
  readonly address: string;
}

/** A kind of database. */
interface Backend {
  /** What addresses of it start with; the address is what follows, or all of it where `keepsPrefix`. */
  readonly prefixes: readonly string[];
  readonly keepsPrefix: boolean;
  open(address: string, options: OpenOptions): Promise<Store>;
}

/** The backends by name, each loaded when it is opened; a new one is one more entry here. */
const backends = {
  sqlite: {
    prefixes: ['sqlite:'],
    keepsPrefix: false,
    open: async (address, options) => (await import('./sqlite.ts')).openSqlite(address, options),
  },
  mysql: {
    prefixes: ['mysql:', 'mariadb:'],
    keepsPrefix: true,
    open: async () => {
      throw new KernelscopeError('backend_missing', 'MySQL is not there yet', {
        suggestions: ['use --sqlite FILE'],
      });
    },
  },
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof backends;

/** Reads an address such as `sqlite:FILE`, `mysql://HOST/NAME` or a plain path, which is a SQLite file. */
export function parseLocation(text: string): StoreLocation {
  for (const [name, backend] of Object.entries(backends)) {
    const prefix = backend.prefixes.find((candidate) => text.startsWith(candidate));
    if (prefix === undefined) continue;
    return { backend: name as BackendName, address: backend.keepsPrefix ? text : text.slice(prefix.length) };
  }
  return { backend: 'sqlite', address: text };
}

/** Opens the database at a location; errors are those of its backend. */
export async function openStore(location: StoreLocation, options: OpenOptions = {}): Promise<Store> {
  return backends[location.backend].open(location.address, options);
}

export type { RecordSource, Store };
