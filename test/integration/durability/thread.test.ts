import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { startWorker } from '../../../src/core/assets/start-worker.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { WorkerStore } from '../../../src/core/store/thread/worker-store.ts';
import { initDatabase } from '../../support/logger-databases.ts';
import { makeSentBatch, type SentBatch } from '../../support/logging-client.ts';
import { makeFolder, withSqlite } from '../../support/sqlite-file.ts';
import { findFaults } from '../../support/stored-batches.ts';

/** A store whose threads a test may end, as running out of memory does. */
async function openMortal(): Promise<{
  readonly file: string;
  readonly store: WorkerStore;
  readonly threads: readonly Worker[];
}> {
  const folder = makeFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const file = join(folder.path, 'mortal.db');
  await initDatabase(file);
  const threads: Worker[] = [];
  const workerData = {
    location: { backend: 'sqlite', address: file },
    options: {},
    legacyOffcputime: false,
  };
  const store = new WorkerStore(() => {
    const thread = startWorker('store', { workerData });
    threads.push(thread);
    return thread;
  });
  onTestFinished(() => store.close());
  await store.open();
  return { file, store, threads };
}

const append = (store: WorkerStore, { body, key }: SentBatch) =>
  store.appendEncoded(new TextEncoder().encode(body), key);

test('a thread that ends fails what it was at, and the next call has another', async () => {
  const { file, store, threads } = await openMortal();
  const batches = Array.from({ length: 6 }, (_, number) => makeSentBatch(`mortal.${number}`));
  await append(store, batches[0]!);
  for (let end = 1; end <= 2; end++) {
    const underWay = append(store, batches[end]!);
    // Asked of the thread by now, and not answered.
    await Promise.resolve();
    await threads.at(-1)!.terminate();
    await expect(underWay).rejects.toThrow('the thread of the store has ended');
    const answers = await Promise.all([append(store, batches[end + 2]!), append(store, batches[end + 2]!)]);
    expect(answers.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(threads).toHaveLength(end + 1);
    expect((await append(store, batches[end]!)).accepted).toEqual({ offcputime: batches[end]!.length });
  }
  expect(await withSqlite(file, (ask) => findFaults(ask, batches.slice(0, 5)))).toEqual([]);
});

test('a list whose thread ends is broken off with an error, not ended as if it were whole', async () => {
  const { store, threads } = await openMortal();
  for (let number = 0; number < 20; number++) await append(store, makeSentBatch(`listed.${number}`));
  const columns = ['pid'] as const;
  const query = { kind: 'rows', category: offcputime, columns, where: always, sort: [] } as const;
  const chunks = store.select(query)[Symbol.asyncIterator]();
  expect((await chunks.next()).done).toBe(false);
  await threads[0]!.terminate();
  // Another thread is there for others, and must not be taken for the one that knew the list.
  await store.status();
  await expect(chunks.next()).rejects.toThrow('the thread of the store has ended');
});

test('a store whose thread has ended can be closed, and is closed for good', async () => {
  const { store, threads } = await openMortal();
  await threads[0]!.terminate();
  await store.close();
  await store.close();
  await expect(store.status()).rejects.toThrow('closed');
  expect(threads).toHaveLength(1);
});
