import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offcputime } from '../../src/core/category/index.ts';
import { makeGroupQuery } from '../../src/core/query/make-group-query.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import type { SortKey } from '../../src/core/query/query.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';
import { batchTimeUs, offcputimeBatch, query, second, selectAll } from './store-data.ts';

const PAGE = 4;

/** Parts of an answer that are asked for one after the other make up the whole: nothing twice, nothing left out. */
export function pagesContract(create: CreateTestDatabase): void {
  describe('pages', () => {
    let database: TestDatabase;
    let store: Store;

    beforeAll(async () => {
      database = await create([]);
      store = await database.open();
      // 30 records that share names and durations, in batches that came in no order of their times.
      for (const minute of [5, 1, 4, 2, 0, 3]) {
        const rows = [0, 1, 2, 3, 4].map((at) => {
          const pid = minute * 5 + at;
          return [`p${pid % 2}`, pid, `a;b${pid % 3}`, (pid % 4) * 1000] as const;
        });
        await store.append([
          { batch: { ...offcputimeBatch(rows), timeUs: batchTimeUs + minute * 60 * second } },
        ]);
      }
    });
    afterAll(async () => {
      await store?.close();
      await database?.remove();
    });

    const ascending = Array.from({ length: 30 }, (_, pid) => pid);

    test.each<[where: string, sort: readonly string[], records: number]>([
      ['pid >= 0', [], 30],
      ['time > 2016-10-24T17:13:00Z', [], 25],
      ['time > 2016-10-24T17:13:00Z and time < 2016-10-24T17:17:30Z', [], 20],
      ['hostname = destiny and process = p1', [], 15],
      ['pid >= 0', ['process'], 30],
      ['pid >= 0', ['elapsed'], 30],
      ['time > 2016-10-24T17:13:00Z', ['elapsed', 'stack'], 25],
      ['pid >= 0', ['hostname'], 30],
    ])('of records where %s, sorted by %j', async (where, sort, records) => {
      for (const descending of sort.length === 0 ? [false] : [false, true])
        for (const columns of [['pid'], ['hostname', 'pid']]) {
          const asked = query({
            where: parseWhere(where, offcputime, batchTimeUs),
            columns: columns as never,
            sort: sort.map((column) => ({ column, descending })) as SortKey[],
          });
          const pids: unknown[] = [];
          for (let offset = 0; offset <= records; offset += PAGE) {
            // The first page is asked for as anyone would.
            const page = await selectAll(store, {
              ...asked,
              limit: PAGE,
              ...(offset > 0 && { offset }),
            });
            pids.push(...page.map(({ pid }) => pid));
          }
          const whole = (await selectAll(store, { ...asked, offset: 0 })).map(({ pid }) => pid);
          expect(pids).toEqual(whole);
          expect(new Set(pids).size).toBe(records);
        }
    });

    test.each<[groupBy: string, aggregate: string, sort: string]>([
      ['pid', 'count', 'count'],
      ['pid', 'count', '-count'],
      ['pid', 'p50(elapsed)', '-p50(elapsed)'],
      ['pid', 'max(elapsed)', 'max(elapsed)'],
    ])('of groups by %s with %s, sorted by %s', async (groupBy, aggregate, sort) => {
      const words = { groupBy: [groupBy], aggregates: [aggregate], sort: [sort] };
      const pids: unknown[] = [];
      for (let offset = 0; offset <= 30; offset += PAGE) {
        const page = makeGroupQuery(
          { ...words, limit: PAGE, ...(offset > 0 && { offset }) },
          offcputime,
          parseWhere('pid >= 0', offcputime, batchTimeUs),
        );
        for await (const { rows } of store.aggregate(page)) pids.push(...rows.map(({ pid }) => pid));
      }
      expect(pids.toSorted((a, b) => Number(a) - Number(b))).toEqual(ascending);
    });
  });
}
