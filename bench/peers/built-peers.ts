import type { Batch } from '../../src/core/wire/batch.ts';
import { plainValues } from '../../test/support/plain-values.ts';
import { keptFile } from '../store-data/build-folder.ts';
import { type FleetParameters, fleetBatches } from '../store-data/fleet.ts';
import { buildDuckDb, duckdbSchema } from './duckdb.ts';
import { type FlatPost, flatSchema, flatTime, flatWriter, openFlat } from './flat-sqlite.ts';

/** Gives the path of a flat SQLite database of the fleet's rows. */
export function builtFlat(parameters: FleetParameters): Promise<string> {
  return keptFile({ name: 'flat', parameters, madeBy: flatSchema }, (path) => {
    const database = openFlat(path);
    // It is built anew if the power goes meanwhile.
    database.pragma('synchronous = OFF');
    const write = flatWriter(database);
    for (const batch of fleetBatches(parameters)) write(toFlatPost(batch));
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();
  });
}

/** Gives the path of a DuckDB database of the fleet's rows. */
export function builtDuckDb(parameters: FleetParameters): Promise<string> {
  return keptFile({ name: 'duckdb', parameters, madeBy: duckdbSchema }, (path) =>
    buildDuckDb(path, fleetBatches(parameters)),
  );
}

function toFlatPost({ hostname, timeUs, entries }: Batch): FlatPost {
  const offcputime = entries.flatMap((some) => {
    const [process, pid, stack, elapsed] = plainValues(some) as [string[], number[], string[], number[]];
    return Array.from({ length: some.length }, (_, at) => ({
      process: process[at]!,
      pid: pid[at]!,
      stack: stack[at]!,
      elapsed: elapsed[at]!,
    }));
  });
  return { hostname, time: flatTime(timeUs), offcputime };
}
