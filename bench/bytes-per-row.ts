import { statSync } from 'node:fs';
import type { Result } from './index.ts';
import { builtDuckDb, builtFlat } from './peers/built-peers.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { DAY_US } from './store-data/fleet.ts';
import { judge, short } from './store-data/verdict.ts';

export const title = 'how many bytes does a row take, all tables counted, beside a flat table and DuckDB?';

/** Of SQLite, at most, and times smaller than the flat table, at least. */
const BYTES_GOAL = 26;
const FLAT_GOAL = 9;

export async function run(): Promise<Result> {
  const parameters = { rows: chosenRows(), spanUs: DAY_US };
  const backend = chosenBackend();
  const place = await backend.filled(parameters);
  const ours = place.sizeBytes() / parameters.rows;
  await place.release();
  const flat = statSync(await builtFlat(parameters)).size / parameters.rows;
  const duckdb = statSync(await builtDuckDb(parameters)).size / parameters.rows;
  return {
    columns: ['design', 'bytes per row', 'times kernelscope'],
    rows: [
      [`kernelscope (${backend.name})`, short(ours), '1'],
      ['flat SQLite', short(flat), short(flat / ours)],
      ['DuckDB, compressed columns', short(duckdb), short(duckdb / ours)],
    ],
    notes: [
      `${parameters.rows} rows; whole files`,
      // MySQL's bytes are told, not judged: no goal was set for them.
      ...(backend.name === 'sqlite'
        ? [
            judge('bytes per row', ours, 'at most', BYTES_GOAL),
            judge('times smaller than flat', flat / ours, 'at least', FLAT_GOAL),
          ]
        : []),
    ],
  };
}
