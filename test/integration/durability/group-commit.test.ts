import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStoreInWorker, type WorkerStore } from '../../../src/core/store/thread/worker-store.ts';
import { initDatabase } from '../../support/logger-databases.ts';
import { makeSentBatch, type SentBatch } from '../../support/logging-client.ts';
import { makeFolder, withSqlite } from '../../support/sqlite-file.ts';
import { findFaults } from '../../support/stored-batches.ts';

let folder: ReturnType<typeof makeFolder>;
let file: string;
let store: WorkerStore;

beforeEach(async () => {
  folder = makeFolder();
  file = join(folder.path, 'grouped.db');
  await initDatabase(file);
});
afterEach(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

const open = async () => {
  store = await openStoreInWorker({ location: { backend: 'sqlite', address: file }, options: {} });
};
const append = ({ body, key }: SentBatch) => store.appendEncoded(new TextEncoder().encode(body), key);
const makeBatches = (count: number) =>
  Array.from({ length: count }, (_, number) => makeSentBatch(`grouped.${number}`, 20));

test('a batch that the database refuses does not keep out those that would share its commit', async () => {
  await withSqlite(file, async (_ask, database) => {
    database.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON string WHEN NEW.value = 'grouped.5' BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
  });
  await open();
  const batches = makeBatches(10);
  const outcomes = await Promise.allSettled(batches.map(append));
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(batches.map((_, n) => n !== 5));
  expect((outcomes[5] as PromiseRejectedResult).reason).toMatchObject({ code: 'database_unavailable' });
  expect(await withSqlite(file, (ask) => findFaults(ask, batches.toSpliced(5, 1)))).toEqual([]);
});

test('a batch that is no batch does not keep out those that would share its commit', async () => {
  await open();
  const batches = makeBatches(10);
  const broken = { ...batches[5]!, body: batches[5]!.body.replace('"pid":0', '"pid":"0"') };
  const outcomes = await Promise.allSettled(batches.with(5, broken).map(append));
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(batches.map((_, n) => n !== 5));
  expect((outcomes[5] as PromiseRejectedResult).reason).toMatchObject({ code: 'bad_batch' });
  expect(await withSqlite(file, (ask) => findFaults(ask, batches.toSpliced(5, 1)))).toEqual([]);
});

test('the same key twice in one commit is stored once, and both are answered', async () => {
  await open();
  const [batch] = makeBatches(1);
  const results = await Promise.all([append(batch!), append(batch!), append(batch!)]);
  expect(results.map(({ repeated }) => repeated)).toEqual([false, true, true]);
  expect(results.map(({ accepted }) => accepted)).toEqual(results.map(() => ({ offcputime: batch!.length })));
  expect(await withSqlite(file, (ask) => findFaults(ask, [batch!]))).toEqual([]);
});

test('bodies that lie in memory shared with others, and bodies larger than a commit takes, arrive as they are', async () => {
  await open();
  const small = makeBatches(3);
  // Node cuts small buffers out of one pool: sending that along would be much, and taking it away would break the rest.
  const pooled = small.map(({ body, key }) => store.appendEncoded(Buffer.from(body), key));
  const large = Array.from({ length: 3 }, (_, number) => {
    const batch = makeSentBatch(`large.${number}`);
    return { ...batch, body: `${' '.repeat(9 * 1024 * 1024)}${batch.body}` };
  });
  await Promise.all([...pooled, ...large.map(append)]);
  expect(await withSqlite(file, (ask) => findFaults(ask, [...small, ...large]))).toEqual([]);
});
