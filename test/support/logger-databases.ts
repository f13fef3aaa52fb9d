import { join } from 'node:path';
import { openStore, parseLocation } from '../../src/core/store/index.ts';
import { startMariadb, whyNoMariadb, withMysql } from './private-mariadb.ts';
import { makeFolder, withSqlite } from './sqlite-file.ts';
import type { AskDatabase } from './stored-batches.ts';

/** An empty database with our tables, for a logger in a process of its own. */
export interface LoggerDatabase {
  /** What `serve logger` is told of it. */
  readonly flags: readonly string[];
  /** Runs a block with a plain connection of its own. */
  readonly look: <T>(run: (ask: AskDatabase) => Promise<T>) => Promise<T>;
  release(): Promise<void>;
}

/** Each kind of database that a logger can write to. */
export const loggerDatabases: readonly {
  readonly name: string;
  /** Why there can be none here; undefined where there can. */
  readonly whyNot: string | undefined;
  readonly make: () => Promise<LoggerDatabase>;
}[] = [
  {
    name: 'SQLite',
    whyNot: undefined,
    make: async () => {
      const folder = makeFolder();
      const file = join(folder.path, 'logged.db');
      await initDatabase(file);
      return {
        flags: ['--sqlite', file],
        look: (run) => withSqlite(file, run),
        release: async () => folder[Symbol.dispose](),
      };
    },
  },
  {
    name: 'MariaDB',
    whyNot: whyNoMariadb(),
    make: async () => {
      const server = await startMariadb();
      const url = server.url('kernelscope');
      await initDatabase(url);
      return {
        flags: ['--mysql', url],
        look: (run) => withMysql(url, run),
        release: () => server.stop(),
      };
    },
  },
];

/** Makes our tables at an address, and the database itself where it is missing. */
export async function initDatabase(address: string): Promise<void> {
  const store = await openStore(parseLocation(address), { create: true });
  await store.init();
  await store.close();
}
