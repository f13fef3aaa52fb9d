import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
import { openStore } from '../../../src/core/store/index.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { encodeBatch } from '../../../src/core/wire/encode-batch.ts';
import { anyBatch } from '../../support/arbitrary-batches.ts';
import { encodeEntries } from '../../support/encode-entries.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { awkward, everything, sampleCategories } from '../../support/sample-categories.ts';
import { temporaryFolder } from '../../support/test-database.ts';

/** What tells when a batch came: the same batch came at another time. */
const timesOfArrival = ['seen', 'received'];

/** Stores batches in a new database, and gives all that is in its tables then. */
async function storedTables(batches: readonly Batch[], encode: (batch: Batch) => string) {
  const file = await makeDatabaseFile(await temporaryFolder(), [awkward, everything]);
  const store = await openStore({ backend: 'sqlite', address: file });
  for (const batch of batches) {
    const body = Buffer.from(encode(batch));
    await store.append([{ batch: decodeBatch(body, sampleCategories) }]);
  }
  await store.close();
  const database = new Database(file, { readonly: true });
  const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
  const tables = names.map((name) => {
    const rows = database.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[];
    for (const row of rows) for (const time of timesOfArrival) delete row[time];
    return [name, rows];
  });
  database.close();
  return Object.fromEntries(tables);
}

test('a batch is stored the same, whether it comes as columns or as entries', async () => {
  const [some] = fc.sample(fc.array(anyBatch([...sampleCategories.values()]), { minLength: 40 }), {
    numRuns: 1,
    seed: 1,
  });
  const batches = [...some!, batchOf(1234)];
  const tables = await storedTables(batches, encodeBatch);
  expect(tables.offcputime_row.length).toBeGreaterThan(1234);
  expect(tables.everything_summary.length).toBeGreaterThan(1);
  expect(await storedTables(batches, encodeEntries)).toEqual(tables);
});

test('a text that no entry has is not stored, and one that is sent twice is stored once', async () => {
  const batch = batchOf(20);
  const body = JSON.parse(encodeBatch(batch));
  body.offcputime.stack.dictionary.push('of no entry');
  const { process } = body.offcputime;
  const [first] = process.dictionary;
  process.indices[7] = process.dictionary.push(first) - 1;
  expect(valueAt(batch.entries[0]!.values[0], 7)).toBe(first);
  const tables = await storedTables([batch], () => JSON.stringify(body));
  expect(tables).toEqual(await storedTables([batch], encodeBatch));
});
