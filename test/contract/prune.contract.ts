import { describe, expect, onTestFinished, test } from 'vitest';
import { makeEntries } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { always } from '../../src/core/query/condition.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { expectProblem, problemOfAsync } from '../support/problem.ts';
import type { CreateTestDatabase } from '../support/test-database.ts';

const day = 86_400e6;
const firstDayUs = Date.UTC(2016, 9, 1) * 1000;
const daysHeld = 10;
const rowsPerBatch = 300;

/** What pruning must do on every backend. */
export function pruneContract(name: string, create: CreateTestDatabase): void {
  describe(`${name} prunes`, () => {
    test('by age: whole batches, no others, and says what went', async () => {
      const store = await filledStore(create);
      const result = await store.prune({ olderThanUs: firstDayUs + 3 * day });
      expect(result).toMatchObject({ batches: 3, records: 3 * rowsPerBatch });
      const { batches, rows, firstTimeUs } = await store.status();
      expect({ batches, rows, firstTimeUs }).toEqual({
        batches: daysHeld - 3,
        rows: { offcputime: (daysHeld - 3) * rowsPerBatch },
        firstTimeUs: firstDayUs + 3 * day,
      });
      // Records and summaries alike.
      expect(await countByRows(store)).toBe((daysHeld - 3) * rowsPerBatch);
      expect(await countBySummaries(store)).toBe((daysHeld - 3) * rowsPerBatch);
    });

    test('a batch stays as long as one of its records is young enough', async () => {
      const store = await filledStore(create);
      const batch = dayBatch(0);
      const entries = batch.entries[0]!;
      const timesUs = new Float64Array(entries.length).fill(Number.NaN);
      timesUs[7] = firstDayUs + 5 * day;
      await store.append([{ batch: { ...batch, entries: [{ ...entries, timesUs }] } }]);
      const { batches } = await store.prune({ olderThanUs: firstDayUs + 1 });
      expect(batches).toBe(1);
      expect(await countByRows(store)).toBe(daysHeld * rowsPerBatch);
    });

    test('by size: the oldest first, until it is small enough', async () => {
      const store = await filledStore(create);
      const { sizeBytes } = await store.status();
      await store.prune({ maxSizeBytes: sizeBytes * 1000 });
      expect((await store.status()).batches).toBe(daysHeld);
      const { batches } = await store.prune({ maxSizeBytes: 1 });
      expect(batches).toBe(daysHeld);
      expect(await countByRows(store)).toBe(0);
    });

    test('writing goes on meanwhile and after, and keys of what stays are still known', async () => {
      const store = await filledStore(create);
      const [result] = await Promise.all([
        store.prune({ olderThanUs: firstDayUs + 5 * day }),
        ...Array.from({ length: 20 }, (_, index) =>
          store.append([{ batch: dayBatch(20 + index), key: `during-${index}` }]),
        ),
      ]);
      expect(result.batches).toBe(5);
      expect(await store.append([{ batch: dayBatch(9), key: 'day-9' }])).toMatchObject([{ repeated: true }]);
      expect(await store.append([{ batch: dayBatch(0), key: 'day-0' }])).toMatchObject([{ repeated: false }]);
      expect(await countByRows(store)).toBe((5 + 20 + 1) * rowsPerBatch);
    });

    test('names that nothing refers to stay while a writer may still remember them', async () => {
      const store = await filledStore(create);
      expect((await store.prune({ olderThanUs: firstDayUs + 100 * day })).dictionaryEntries).toBe(0);
      await store.append([{ batch: dayBatch(1) }]);
      expect(await countByRows(store)).toBe(rowsPerBatch);
      const stacks = await store.weighStacks({
        kind: 'stacks',
        category: offcputime,
        stack: 'stack',
        where: always,
      });
      expect(stacks.map(({ stack }) => stack)).not.toContain(undefined);
    });

    test('nothing where it is empty, and not without being told what', async () => {
      const store = await emptyStore(create);
      expect(await store.prune({ olderThanUs: firstDayUs })).toMatchObject({ batches: 0, records: 0 });
      expectProblem(await problemOfAsync(store.prune({})), 'usage', 'pruned');
    });
  });
}

async function emptyStore(create: CreateTestDatabase): Promise<Store> {
  const database = await create([]);
  const store = await database.open();
  onTestFinished(async () => {
    await store.close();
    await database.remove();
  });
  return store;
}

async function filledStore(create: CreateTestDatabase): Promise<Store> {
  const store = await emptyStore(create);
  for (let index = 0; index < daysHeld; index++)
    await store.append([{ batch: dayBatch(index), key: `day-${index}` }]);
  return store;
}

/** A batch of one day, with names of its own. */
function dayBatch(index: number): Batch {
  const each = <T>(make: (row: number) => T) => Array.from({ length: rowsPerBatch }, (_, row) => make(row));
  const values = [
    each((row) => `process-${index}-${row % 3}`),
    each((row) => row),
    each((row) => `root;day-${index};leaf-${row % 50}`),
    each((row) => row * 1000),
  ];
  return {
    hostname: `host-${index}`,
    timeUs: firstDayUs + index * day,
    labels: {},
    lost: 0,
    entries: [makeEntries({ category: offcputime, length: rowsPerBatch, values })],
  };
}

async function countByRows(store: Store): Promise<number> {
  let count = 0;
  const columns = ['stack', 'hostname'] as const;
  for await (const chunk of store.select({
    kind: 'rows',
    category: offcputime,
    columns,
    where: always,
    sort: [],
  })) {
    for (const row of chunk) if (row.stack !== undefined && row.hostname !== undefined) count++;
  }
  return count;
}

async function countBySummaries(store: Store): Promise<number> {
  const stacks = await store.weighStacks({
    kind: 'stacks',
    category: offcputime,
    stack: 'stack',
    where: always,
  });
  return stacks.reduce((sum, { weight }) => sum + weight, 0);
}
