import { statSync } from 'node:fs';
import { defineCategory, entryColumns } from '../src/core/category/define-category.ts';
import { offcputime } from '../src/core/category/offcputime.ts';
import type { Result } from './index.ts';
import { builtDuckDb, builtFlat } from './peers/built-peers.ts';
import { chosenBackend, chosenRows, fill } from './store-data/backends.ts';
import { removeFiles, scratchFile } from './store-data/build-folder.ts';
import { DAY_US, type FleetParameters, fleetBatches } from './store-data/fleet.ts';
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
  const seed =
    backend.name === 'sqlite' ? (await sizeOfSeedColumns(parameters)) / parameters.rows : undefined;
  const flat = statSync(await builtFlat(parameters)).size / parameters.rows;
  const duckdb = statSync(await builtDuckDb(parameters)).size / parameters.rows;
  return {
    columns: ['design', 'bytes per row', 'times kernelscope'],
    rows: [
      [`kernelscope (${backend.name})`, short(ours), '1'],
      ...(seed === undefined
        ? []
        : [['kernelscope, a category of the six columns of 2016', short(seed), short(seed / ours)]]),
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
      ...(seed === undefined
        ? []
        : [
            'offcputime has three more columns, which these rows leave empty; the flat table and DuckDB have six',
            judge('bytes per row, six columns', seed, 'at most', BYTES_GOAL),
            judge('times smaller than flat, six columns', flat / seed, 'at least', FLAT_GOAL),
          ]),
    ],
  };
}

/** Stores the rows under a category without the columns that came after 2016; gives the size of the file. */
async function sizeOfSeedColumns(parameters: FleetParameters): Promise<number> {
  const file = scratchFile('seed-columns.db');
  const category = defineCategory({
    name: 'blocked',
    prettyName: 'Time blocked',
    columns: entryColumns(offcputime).filter(({ optional }) => !optional),
  });
  function* batches() {
    for (const batch of fleetBatches(parameters))
      yield { ...batch, entries: batch.entries.map((entries) => ({ ...entries, category })) };
  }
  try {
    await fill({ backend: 'sqlite', address: file }, batches(), [category]);
    return statSync(file).size;
  } finally {
    removeFiles(file);
  }
}
