import { describe, expect, test } from 'vitest';
import { offcputime } from '../../src/core/category/index.ts';
import { always } from '../../src/core/query/condition.ts';
import { SCHEMA_VERSION } from '../../src/core/store/table.ts';
import { awkward, everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase } from '../support/test-database.ts';
import {
  batchTimeUs,
  count,
  everythingEntries,
  freshStore,
  offcputimeBatch,
  query,
  sampleBatch,
  second,
  selectAll,
  stackQuery,
} from './store-data.ts';

/** What every backend must tell of itself. */
export function statusContract(create: CreateTestDatabase): void {
  describe('what a database tells of itself', () => {
    test('nothing, before anything is stored', async () => {
      const { store } = await freshStore(create);
      const status = await store.status();
      expect(status).toMatchObject({
        schemaVersion: SCHEMA_VERSION,
        batches: 0,
        hosts: 0,
        lost: 0,
        firstTimeUs: null,
        lastTimeUs: null,
      });
      expect(Object.values(status.rows).every((rows) => rows === 0)).toBe(true);
      expect(status.sizeBytes).toBeGreaterThan(0);
      expect(status.location).toBe(store.location);
      expect(await selectAll(store, query())).toEqual([]);
      expect(await store.weighStacks(stackQuery())).toEqual([]);
      expect(await store.scope(offcputime, always)).toEqual({ batches: 0, lost: 0 });
    });

    test('rows by category, batches, hosts, lost, and the span of the records', async () => {
      const { store } = await freshStore(create);
      const later = { ...sampleBatch(), hostname: 'b', timeUs: batchTimeUs + 60 * second, lost: 4 };
      await store.append([{ batch: sampleBatch() }, { batch: later }]);
      await store.append([
        { batch: { ...sampleBatch(), labels: { run: 'x' }, entries: [everythingEntries([{}])] } },
      ]);
      expect(await store.status()).toMatchObject({
        batches: 3,
        hosts: 2,
        lost: 4,
        rows: { offcputime: 4, everything: 1 },
        firstTimeUs: batchTimeUs,
        lastTimeUs: batchTimeUs + 60 * second,
      });
    });

    test('the categories, in the order they were declared in, the same to every handle', async () => {
      const { store, reader } = await freshStore(create);
      expect([...(await store.categories()).values()]).toEqual([offcputime, everything, awkward]);
      expect([...(await reader.categories()).values()]).toEqual([offcputime, everything, awkward]);
    });

    test('that init has nothing to do where all is there', async () => {
      const { store } = await freshStore(create);
      await store.append([{ batch: sampleBatch() }]);
      expect(await store.init()).toEqual({ created: false });
      expect(await count(store)).toBe(2);
    });

    test('sums of what was lost neither wrap nor fail', async () => {
      const { store } = await freshStore(create);
      const lost = Number.MAX_SAFE_INTEGER;
      await store.append(Array.from({ length: 1100 }, () => ({ batch: { ...offcputimeBatch([]), lost } })));
      expect((await store.status()).lost / lost).toBeCloseTo(1100, 9);
      expect((await store.scope(offcputime, always)).lost / lost).toBeCloseTo(1100, 9);
    });
  });
}
