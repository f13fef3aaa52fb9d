import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnswerRow } from '../../src/core/category/answer-column.ts';
import type { Category, Value } from '../../src/core/category/define-category.ts';
import { makeEntries, makeNumberColumn } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { makeGroupQuery } from '../../src/core/query/make-group-query.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import { collectStats } from '../../src/core/store/collect-stats.ts';
import type { GroupChunk, Store } from '../../src/core/store/store.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { problemOfAsync } from '../support/problem.ts';
import { awkward, everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';

const startUs = Date.UTC(2016, 9, 24, 17) * 1000;
const minuteUs = 60e6;

/** What every backend must do that is asked for groups of records; `test/support/compare-with-plain.ts` asks for more of them. */
export function groupContract(name: string, create: CreateTestDatabase): void {
  describe(`${name} groups records`, () => {
    let database: TestDatabase;
    let store: Store;
    beforeAll(async () => {
      database = await create([everything, awkward]);
      store = await database.open();
      await store.append(batches().map((batch) => ({ batch })));
    });
    afterAll(async () => {
      await store.close();
      await database.remove();
    });

    const ask = async (
      groupBy: readonly string[],
      aggregates: readonly string[],
      options: {
        readonly where?: string;
        readonly sort?: readonly string[];
        readonly limit?: number;
        readonly offset?: number;
        readonly category?: Category;
      } = {},
    ): Promise<GroupChunk> => {
      const { where = '', category = offcputime, ...rest } = options;
      const condition =
        where === '' ? ({ kind: 'and', conditions: [] } as const) : parseWhere(where, category, 0);
      const query = makeGroupQuery({ groupBy, aggregates, ...rest }, category, condition);
      const rows: AnswerRow[] = [];
      let totals = { groups: -1, records: -1 };
      for await (const { rows: some, ...all } of store.aggregate(query)) {
        rows.push(...some);
        totals = all;
      }
      return { rows, ...totals };
    };
    const table = async (...asked: Parameters<typeof ask>): Promise<readonly (readonly unknown[])[]> =>
      (await ask(...asked)).rows.map((row) => Object.values(row));

    test('the most first, and those that are alike by name', async () => {
      expect(await table(['process'], ['count', 'sum(elapsed)', 'max(elapsed)'])).toEqual([
        ['dd', 3, 600, 300],
        ['fio', 2, 50, 40],
        ['', 1, 7, 7],
        ['漢', 1, 9, 9],
      ]);
    });

    test('by summaries as by rows, whatever is asked beside', async () => {
      for (const where of [
        '',
        'process = dd',
        "time >= '2016-10-24 17:01'",
        'labels.run = a or hostname = b',
      ]) {
        for (const keys of [[], ['process'], ['stack', 'hostname'], ['time:1m'], ['leaf', 'labels.run']]) {
          const few = ['count', 'sum(elapsed)', 'avg(elapsed)', 'max(elapsed)', 'sum(count)'];
          const sort = keys;
          const bySummaries = await ask(keys, few, { where, sort });
          const byRows = await ask(keys, [...few, 'min(elapsed)'], { where, sort });
          const shared = byRows.rows.map(({ 'min(elapsed)': _, ...row }) => row);
          expect([where, keys, bySummaries]).toEqual([where, keys, { ...byRows, rows: shared }]);
        }
      }
    });

    test('by host, label and time, by a part of the stack', async () => {
      expect(await table(['hostname'], ['count'])).toEqual([
        ['a', 5],
        ['b', 2],
      ]);
      expect(await table(['labels.run'], ['count'])).toEqual([
        ['a', 5],
        [null, 2],
      ]);
      expect(await table(['time:1m'], ['count'])).toEqual([
        [startUs - minuteUs, 1],
        [startUs, 4],
        [startUs + minuteUs, 2],
      ]);
      expect(await table(['root', 'leaf'], ['count'])).toEqual([
        ['x', 'z', 3],
        ['x', 'y', 2],
        [null, null, 1],
        ['w', 'w', 1],
      ]);
      expect(await table(['wchan'], ['count'])).toEqual([
        ['z', 3],
        ['y', 2],
        [null, 1],
        ['w', 1],
      ]);
      expect(await table(['frame:2'], ['count'], { sort: ['frame:2'] })).toEqual([
        [null, 2],
        ['y', 5],
      ]);
      expect(await table(['frame:-2'], ['sum(elapsed)', 'p100(elapsed)'])).toEqual([
        ['y', 540, 300],
        ['x', 110, 100],
        [null, 16, 9],
      ]);
    });

    test('percentiles are of the nearest rank, each record weighed by its count', async () => {
      expect(
        await table([], ['p0(elapsed)', 'p50(elapsed)', 'p100(elapsed)'], { where: 'process = dd' }),
      ).toEqual([[100, 200, 300]]);
      // fio: 10 stands for 99 events, 40 for 1.
      const shares = ['p1', 'p50', 'p99', 'p99.001', 'p100'].map((each) => `${each}(elapsed)`);
      expect(await table([], shares, { where: 'process = fio' })).toEqual([[10, 10, 10, 40, 40]]);
      expect(await table([], ['p50(count)', 'avg(count)', 'sum(count)'], { where: 'process = fio' })).toEqual(
        [[1, 50, 100]],
      );
      expect(await table([], ['p50(elapsed)'], { where: 'process = nonesuch' })).toEqual([[null]]);
    });

    test('histograms are by powers of two, each record weighed by its count', async () => {
      const { rows } = await ask([], ['hist(elapsed)'], { where: 'process in (dd, fio)' });
      expect(rows).toEqual([
        {
          'hist(elapsed)': [
            { from: 8, to: 16, count: 99 },
            { from: 32, to: 64, count: 1 },
            { from: 64, to: 128, count: 1 },
            { from: 128, to: 256, count: 1 },
            { from: 256, to: 512, count: 1 },
          ],
        },
      ]);
      const { rows: signed } = await ask([], ['hist(delta)', 'min(delta)'], { category: everything });
      expect(signed).toEqual([
        {
          'hist(delta)': [
            { from: null, to: 0, count: 1 },
            { from: 0, to: 1, count: 1 },
            { from: 2 ** 52, to: 2 ** 53, count: 1 },
          ],
          'min(delta)': -5,
        },
      ]);
    });

    test('sums are exact, means too, and absent values count for nothing', async () => {
      const aggregates = [
        'count',
        'sum(size)',
        'avg(size)',
        'sum(delta)',
        'avg(delta)',
        'sum(wait)',
        'avg(wait)',
      ];
      const big = Number.MAX_SAFE_INTEGER;
      const sum = Number(BigInt(big) * 2n + 5n);
      expect(await table([], aggregates, { category: everything })).toEqual([
        [4, sum, sum / 4, big - 5, (big - 5) / 3, 0, null],
      ]);
      expect(await table([], aggregates, { category: everything, where: 'size = 77' })).toEqual([
        [0, 0, null, 0, null, 0, null],
      ]);
      expect(await table(['note'], ['count'], { category: everything, sort: ['-note'] })).toEqual([
        ['n', 1],
        ['', 1],
        [null, 2],
      ]);
    });

    test('what is distinct, parts of it, and how much there is in all', async () => {
      expect(await ask(['process', 'hostname'], [])).toEqual({
        rows: [
          { process: '', hostname: 'a' },
          { process: 'dd', hostname: 'a' },
          { process: 'fio', hostname: 'b' },
          { process: '漢', hostname: 'a' },
        ],
        groups: 4,
        records: 7,
      });
      for (const aggregates of [[], ['min(elapsed)']]) {
        const part = await ask(['process'], aggregates, { sort: ['process'], limit: 2, offset: 1 });
        expect([part.rows.map(({ process }) => process), part.groups, part.records]).toEqual([
          ['dd', 'fio'],
          4,
          7,
        ]);
        for (const page of [{ limit: 0 }, { offset: 9 }])
          expect(await ask(['process'], aggregates, page)).toEqual({ rows: [], groups: 4, records: 7 });
      }
      expect(await ask(['process'], ['count'], { where: 'pid = 99' })).toEqual({
        rows: [],
        groups: 0,
        records: 0,
      });
      expect(await ask(['process'], ['p50(pid)'], { where: 'pid = 99' })).toEqual({
        rows: [],
        groups: 0,
        records: 0,
      });
    });

    test('columns that are called like words of SQL', async () => {
      expect(
        await table(['order', 'select'], ['sum(b)', 'p90(and)', 'hist(count)'], { category: awkward }),
      ).toEqual([['k0;g', 1, 3, 4, [{ from: 2, to: 4, count: 1 }]]]);
    });

    test('more groups than one chunk holds, in order', async () => {
      for (const aggregates of [['count'], ['count', 'min(elapsed)']]) {
        const { rows, groups, records } = await ask(['pid'], aggregates, {
          where: 'pid >= 1',
          sort: ['-pid'],
        });
        expect([rows.map(({ pid }) => pid), groups, records]).toEqual([[7, 6, 5, 4, 3, 2, 1], 7, 7]);
      }
    });

    test('a regular expression that is none is refused, whatever stands before it', async () => {
      const problem = await problemOfAsync(
        ask(['process'], ['count'], { where: "process = nonesuch and stack ~ '('" }),
      );
      expect(problem.code).toBe('bad_value');
    });

    test('a quick look at every column', async () => {
      const { rows, records } = await collectStats(
        store,
        offcputime,
        parseWhere('hostname = a', offcputime, 0),
      );
      expect(records).toBe(5);
      const of = (column: string) => rows.find((row) => row.column === column);
      expect(of('process')).toMatchObject({
        type: 'string',
        distinct: 3,
        top: 'dd',
        top_records: 3,
        min: null,
      });
      expect(of('elapsed')).toMatchObject({
        unit: 'ns',
        distinct: null,
        min: 7,
        p50: 100,
        max: 300,
        sum: 616,
      });
      expect(of('time')).toMatchObject({
        min: '2016-10-24T16:59:59.999999Z',
        max: '2016-10-24T17:00:00.000000Z',
      });
      expect(of('state')).toMatchObject({ distinct: 0, top: null, top_records: null });
    });
  });
}

/** Seven records of two hosts, two of which stand for a hundred events, and a few of other categories. */
function batches(): readonly Batch[] {
  const make = (
    rows: readonly (readonly Value[])[],
    changes: Partial<Batch>,
    category: Category = offcputime,
  ): Batch => ({
    hostname: 'a',
    timeUs: startUs,
    labels: {},
    lost: 0,
    entries: [
      makeEntries({
        category,
        length: rows.length,
        values: rows[0]!.map((_, c) => rows.map((row) => row[c]!)),
      }),
    ],
    ...changes,
  });
  const first = make(
    [
      ['dd', 1, 'x;y', 100, null, null, null],
      ['dd', 2, 'x;y;z', 200, null, null, null],
      ['dd', 3, 'x;y;z', 300, null, null, null],
      ['', 4, '', 7, null, null, null],
      ['漢', 5, 'w', 9, null, null, null],
    ],
    { labels: { run: 'a' } },
  );
  const timesUs = makeNumberColumn([null, null, null, startUs - 1, null]);
  const fio = make(
    [
      ['fio', 6, 'x;y', 10, 99, 3, 'D'],
      ['fio', 7, 'x;y;z', 40, 1, 3, 'S'],
    ],
    { hostname: 'b', timeUs: startUs + minuteUs },
  );
  const many = make(
    [
      ['l', null, 't', null, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 1, null, 0, null],
      ['l', 'n', 't', null, Number.MAX_SAFE_INTEGER, -5, 1, null, 0, null],
      ['l', '', 't', null, 2, 0, 1, null, 0, null],
      ['l', null, 't', null, 3, null, 1, null, 0, null],
    ],
    {},
    everything,
  );
  const odd = make([['s', 1, 'k0;g', 2, 3, 4]], {}, awkward);
  return [{ ...first, entries: [{ ...first.entries[0]!, timesUs }] }, fio, many, odd];
}
