import { describe, expect, test } from 'vitest';
import { makeNumberColumn } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { expectProblem, problemOfAsync } from '../support/problem.ts';
import { everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase } from '../support/test-database.ts';
import {
  batchTimeUs,
  count,
  everythingEntries,
  freshStore,
  offcputimeBatch,
  openUntilEnd,
  query,
  type Row,
  sampleBatch,
  selectAll,
} from './store-data.ts';

/** What every backend must do with batches that it is given. */
export function writingContract(create: CreateTestDatabase): void {
  describe('writing', () => {
    test('what was appended is there, whole, in the columns it was sent in', async () => {
      const { store, reader } = await freshStore(create);
      const results = await store.append([{ batch: sampleBatch(), key: 'one' }]);
      expect(results).toEqual([{ accepted: { offcputime: 2 }, repeated: false }]);
      const absent = { count: null, max: null, state: null };
      const rows = [
        {
          hostname: 'destiny',
          time: batchTimeUs,
          process: 'dd',
          pid: 1234,
          stack: 'a;b',
          elapsed: 123_456,
          ...absent,
        },
        {
          hostname: 'destiny',
          time: batchTimeUs + 5,
          process: 'fio',
          pid: -1,
          stack: '',
          elapsed: 0,
          ...absent,
        },
      ];
      expect(await selectAll(store, query())).toEqual(rows);
      expect(await selectAll(reader, query())).toEqual(rows);
    });

    test('a key that was there answers as the first time and stores nothing', async () => {
      const { store } = await freshStore(create);
      await store.append([{ batch: sampleBatch(), key: 'one' }]);
      const other = offcputimeBatch([['other', 1, 'x', 1]]);
      expect(await store.append([{ batch: other, key: 'one' }])).toEqual([
        { accepted: { offcputime: 2 }, repeated: true },
      ]);
      expect(await count(store)).toBe(2);
    });

    test('a key twice in one call counts once', async () => {
      const { store } = await freshStore(create);
      const results = await store.append([
        { batch: sampleBatch(), key: 'one' },
        { batch: sampleBatch(), key: 'one' },
        { batch: sampleBatch(), key: 'two' },
      ]);
      expect(results.map(({ repeated }) => repeated)).toEqual([false, true, false]);
      expect(await count(store)).toBe(4);
    });

    test('a key is remembered by the database, not by the handle', async () => {
      const { store, database } = await freshStore(create);
      await store.append([{ batch: sampleBatch(), key: 'one' }]);
      const later = await openUntilEnd(database);
      expect(await later.append([{ batch: sampleBatch(), key: 'one' }])).toMatchObject([{ repeated: true }]);
      expect(await count(later)).toBe(2);
    });

    test('keys are told apart by every character, and batches without one are all stored', async () => {
      const { store } = await freshStore(create);
      for (const key of ['key', 'KEY', 'kéy', 'key.', '0', '00'])
        await store.append([{ batch: sampleBatch(), key }]);
      for (let repeat = 0; repeat < 3; repeat++) await store.append([{ batch: sampleBatch() }]);
      expect(await count(store)).toBe(18);
    });

    test('a batch of several categories is stored in all of them', async () => {
      const { store } = await freshStore(create);
      const batch = {
        ...sampleBatch(),
        entries: [
          ...sampleBatch().entries,
          everythingEntries([{ size: 7, note: 'n' }, { size: 8 }, { size: 9 }]),
        ],
      };
      expect(await store.append([{ batch }])).toEqual([
        { accepted: { offcputime: 2, everything: 3 }, repeated: false },
      ]);
      expect(await count(store)).toBe(2);
      expect(
        await selectAll(store, query({ category: everything, columns: ['size', 'note', 'ended'] })),
      ).toEqual([
        { size: 7, note: 'n', ended: null },
        { size: 8, note: null, ended: null },
        { size: 9, note: null, ended: null },
      ]);
    });

    test('a batch without entries keeps its host, its time and what was lost', async () => {
      const { store } = await freshStore(create);
      const [empty, none] = await store.append([
        { batch: { ...offcputimeBatch([]), lost: 5 } },
        { batch: { ...sampleBatch(), entries: [], lost: 2 } },
      ]);
      expect(empty).toEqual({ accepted: { offcputime: 0 }, repeated: false });
      expect(none).toEqual({ accepted: {}, repeated: false });
      expect(await store.status()).toMatchObject({
        batches: 2,
        lost: 7,
        hosts: 1,
        firstTimeUs: batchTimeUs,
      });
      expect(await count(store)).toBe(0);
    });

    test('a thousand and one rows keep their order', async () => {
      const { store } = await freshStore(create);
      const values = Array.from({ length: 1061 }, (_, at): Row => [`p${at % 7}`, at, `s${at % 13}`, at * 3]);
      await store.append([{ batch: offcputimeBatch(values) }]);
      const rows = await selectAll(store, query());
      expect(rows.map(({ process, pid, stack, elapsed }) => [process, pid, stack, elapsed])).toEqual(values);
    });

    test('numbers at the edges of what is taken come back as they were', async () => {
      const { store } = await freshStore(create);
      const edges = [
        0,
        1,
        -1,
        2 ** 31,
        -(2 ** 31),
        2 ** 32,
        Number.MAX_SAFE_INTEGER,
        -Number.MAX_SAFE_INTEGER,
      ];
      await store.append([{ batch: offcputimeBatch(edges.map((pid) => ['p', pid, 's', Math.abs(pid)])) }]);
      const rows = await selectAll(store, query({ columns: ['pid', 'elapsed'] }));
      expect(rows).toEqual(edges.map((pid) => ({ pid, elapsed: Math.abs(pid) })));
    });

    test('times before 1970, to the microsecond, of batches and of entries', async () => {
      const { store } = await freshStore(create);
      const batch = offcputimeBatch([...Array(3)].map(() => ['p', 1, 's', 1]));
      const timesUs = makeNumberColumn([-1, null, -1_500_000_000_000_001]);
      await store.append([{ batch: { ...batch, timeUs: -7, entries: [{ ...batch.entries[0]!, timesUs }] } }]);
      expect((await selectAll(store, query({ columns: ['time'] }))).map(({ time }) => time)).toEqual([
        -1, -7, -1_500_000_000_000_001,
      ]);
      expect(await store.status()).toMatchObject({ firstTimeUs: -1_500_000_000_000_001, lastTimeUs: -1 });
    });

    test('calls that overlap are all stored, each once', async () => {
      const { store, database } = await freshStore(create);
      const other = await openUntilEnd(database);
      const calls = Array.from({ length: 24 }, (_, at) =>
        (at % 2 === 0 ? store : other).append([
          {
            batch: { ...offcputimeBatch([[`p${at % 5}`, at, `s${at}`, 1]]), hostname: `h${at % 3}` },
            key: `k${at % 20}`,
          },
        ]),
      );
      const results = (await Promise.all(calls)).flat();
      expect(results.filter(({ repeated }) => repeated)).toHaveLength(4);
      expect(await count(store)).toBe(20);
      expect(await store.status()).toMatchObject({ batches: 20, hosts: 3 });
    });

    test('a handle that may only read cannot write, and what it read stays', async () => {
      const { store, reader } = await freshStore(create);
      await store.append([{ batch: sampleBatch() }]);
      expectProblem(await problemOfAsync(reader.append([{ batch: sampleBatch() }])), 'database_readonly');
      expect(await count(reader)).toBe(2);
      expect(await count(store)).toBe(2);
    });

    test('a batch that cannot be stored leaves nothing of itself, nor of those of the same call', async () => {
      const { store } = await freshStore(create);
      const unknown = { ...offcputime, name: 'undeclared' };
      const bad = { ...sampleBatch(), entries: [{ ...sampleBatch().entries[0]!, category: unknown }] };
      await expect(
        store.append([
          { batch: sampleBatch(), key: 'good' },
          { batch: bad, key: 'bad' },
        ]),
      ).rejects.toThrow();
      await expect(store.append([{ batch: bad, key: 'bad' }])).rejects.toThrow();
      expect(await store.append([{ batch: sampleBatch(), key: 'bad' }])).toMatchObject([{ repeated: false }]);
      const [first] = await store.append([{ batch: sampleBatch(), key: 'good' }]);
      // Backends that take one batch at a time may have stored the good one before; either way it is there once.
      expect(await count(store)).toBe(4);
      expect(first!.accepted).toEqual({ offcputime: 2 });
    });
  });
}
