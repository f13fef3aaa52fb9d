import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Category } from '../../src/core/category/define-category.ts';
import { openStore, type StoreLocation } from '../../src/core/store/index.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { type PrivateMariadb, startMariadb } from '../../test/support/private-mariadb.ts';
import { keptFile, removeFiles, scratchFile, sourceText } from './build-folder.ts';
import { type FleetParameters, fleetBatches } from './fleet.ts';

/** A database of ours that a benchmark may use until it releases it. */
export interface Place {
  readonly location: StoreLocation;
  /** Bytes of the files that the tables and indexes are in. */
  readonly sizeBytes: () => number;
  readonly release: () => Promise<void>;
}

/** A kind of database that the store runs over. */
export interface Backend {
  readonly name: 'sqlite' | 'mysql';
  /** Gives a database with our tables and no rows. */
  empty(): Promise<Place>;
  /** Gives a database with the fleet's rows, kept from an earlier run where it can be; for reading only. */
  filled(parameters: FleetParameters): Promise<Place>;
  /** Gives a database with the fleet's rows that may be changed. */
  changeable(parameters: FleetParameters): Promise<Place>;
}

/** Batches that share a transaction while a database is filled, where the backend shares them. */
const BATCHES_PER_APPEND = 16;
/** Batches that are on their way at a time where it does not. */
const APPENDS_AT_A_TIME = 4;

const sqlite: Backend = {
  name: 'sqlite',
  empty: async () => {
    const file = scratchFile('sqlite.db');
    await fill(sqliteLocation(file), []);
    return sqlitePlace(file, async () => removeFiles(file));
  },
  filled: async (parameters) => sqlitePlace(await filledFile(parameters), async () => {}),
  changeable: async (parameters) => {
    const copy = scratchFile('sqlite.db');
    cpSync(await filledFile(parameters), copy);
    return sqlitePlace(copy, async () => removeFiles(copy));
  },
};

/** A private MariaDB, filled anew each time: its folder is gone with it. */
const mysql: Backend = {
  name: 'mysql',
  empty: () => filledMariadb([]),
  filled: (parameters) => filledMariadb(fleetBatches(parameters)),
  changeable: (parameters) => filledMariadb(fleetBatches(parameters)),
};

const backends: Readonly<Record<string, Backend>> = { sqlite, mysql };

/** The backend that `KERNELSCOPE_BENCH_BACKEND` names; SQLite without it. Throws for a name that is none. */
export function chosenBackend(): Backend {
  const name = process.env.KERNELSCOPE_BENCH_BACKEND ?? 'sqlite';
  const backend = backends[name];
  if (backend === undefined)
    throw new Error(`no backend ${name}; there are ${Object.keys(backends).join(', ')}`);
  return backend;
}

/** How many rows `KERNELSCOPE_BENCH_ROWS` asks for; a million without it. */
export function chosenRows(): number {
  const rows = Number(process.env.KERNELSCOPE_BENCH_ROWS ?? 1_000_000);
  if (!Number.isSafeInteger(rows) || rows < 1) throw new Error('KERNELSCOPE_BENCH_ROWS is not a number');
  return rows;
}

/** Cuts a sequence into groups of `size`, the last one smaller. */
export function* groupsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Makes the tables, those of more categories too, and stores the batches. */
export async function fill(
  location: StoreLocation,
  batches: Iterable<Batch>,
  categories: readonly Category[] = [],
): Promise<void> {
  const store = await openStore(location, { create: true });
  try {
    await store.init();
    for (const category of categories) await store.addCategory(category);
    const size = store.sharesCommits ? BATCHES_PER_APPEND : APPENDS_AT_A_TIME;
    for (const group of groupsOf(batches, size)) {
      const keyed = group.map((batch) => ({ batch }));
      if (store.sharesCommits) await store.append(keyed);
      else await Promise.all(keyed.map((one) => store.append([one])));
    }
  } finally {
    await store.close();
  }
}

function filledFile(parameters: FleetParameters): Promise<string> {
  const madeBy = sourceText('src/core/store/**/*.ts');
  return keptFile({ name: 'sqlite', parameters, madeBy }, (path) =>
    fill(sqliteLocation(path), fleetBatches(parameters)),
  );
}

function sqliteLocation(file: string): StoreLocation {
  return { backend: 'sqlite', address: file };
}

function sqlitePlace(file: string, release: Place['release']): Place {
  return { location: sqliteLocation(file), sizeBytes: () => statSync(file).size, release };
}

async function filledMariadb(batches: Iterable<Batch>): Promise<Place> {
  const server = await startMariadb();
  try {
    const location: StoreLocation = { backend: 'mysql', address: server.url('kernelscope') };
    await fill(location, batches);
    return { location, sizeBytes: () => tableBytes(server), release: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Bytes of InnoDB's files, one for each table. */
function tableBytes({ folder }: PrivateMariadb): number {
  const database = join(folder, 'data', 'kernelscope');
  return readdirSync(database).reduce((sum, file) => sum + statSync(join(database, file)).size, 0);
}
