import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { openStore } from '../../../src/core/store/index.ts';
import type { Store } from '../../../src/core/store/store.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { type OffcputimeRow, offcputimeBatch } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

async function open(file: string, options = {}): Promise<Store> {
  const store = await openStore({ backend: 'sqlite', address: file }, options);
  onTestFinished(() => store.close());
  return store;
}

async function namesOf(store: Store): Promise<unknown> {
  const rows = [];
  const columns = ['hostname', 'process', 'stack'] as const;
  for await (const chunk of store.select({
    kind: 'rows',
    category: offcputime,
    columns,
    where: always,
    sort: [],
  }))
    rows.push(...chunk);
  return rows;
}

test('a reader that remembers names of what was pruned does not show them for what came after', async () => {
  const file = await makeDatabaseFile(join(await temporaryFolder()));
  const reader = await open(file, { readOnly: true });
  const row = (name: string): OffcputimeRow => [`${name} process`, 1, `${name};stack`, 1];
  await (await open(file)).append([{ batch: offcputimeBatch([row('old')], { hostname: 'old host' }) }]);
  const old = [{ hostname: 'old host', process: 'old process', stack: 'old;stack' }];
  expect(await namesOf(reader)).toEqual(old);

  // As if nobody had used them for hours.
  const database = new Database(file);
  for (const table of ['source', 'string', 'stack']) database.exec(`UPDATE "${table}" SET seen = 0`);
  database.close();
  await (await open(file)).prune({ olderThanUs: Number.MAX_SAFE_INTEGER });
  expect(await namesOf(reader)).toEqual([]);

  await (await open(file)).append([{ batch: offcputimeBatch([row('new')], { hostname: 'new host' }) }]);
  const fresh = [{ hostname: 'new host', process: 'new process', stack: 'new;stack' }];
  expect(await namesOf(reader)).toEqual(fresh);
  expect(await namesOf(await open(file, { readOnly: true }))).toEqual(fresh);
});
