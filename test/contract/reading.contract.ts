import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Category, Value } from '../../src/core/category/define-category.ts';
import { makeEntries, sliceEntries } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { always } from '../../src/core/query/condition.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import type { RowQuery, SortKey } from '../../src/core/query/query.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { expectProblem, problemOfAsync } from '../support/problem.ts';
import { awkward, everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';
import {
  batchTimeUs,
  freshStore,
  query,
  readingBatches,
  sampleBatch,
  selectAll,
  sorted,
  stackQuery,
} from './store-data.ts';

/** What every backend must answer to questions about records. */
export function readingContract(create: CreateTestDatabase): void {
  describe('reading', () => {
    let database: TestDatabase;
    let store: Store;

    beforeAll(async () => {
      database = await create([everything, awkward]);
      store = await database.open();
      await store.append(readingBatches().map((batch) => ({ batch })));
    });
    afterAll(async () => {
      await store?.close();
      await database?.remove();
    });

    const pids = async (where: string, rest: Partial<RowQuery> = {}) => {
      const rows = await selectAll(
        store,
        query({ where: parseWhere(where, offcputime, batchTimeUs), columns: ['pid'], ...rest }),
      );
      return rows.map(({ pid }) => pid as number);
    };

    test.each<[string, readonly number[]]>([
      ['pid = 2', [2]],
      ['pid != 2', [1, 3, 4, 5, 6, 7, 8]],
      ['pid > 6', [7, 8]],
      ['pid >= 6 and pid < 8', [6, 7]],
      ['pid in (1, 8, 99)', [1, 8]],
      ['pid not in (1, 2, 3)', [4, 5, 6, 7, 8]],
      ['pid in (1.5, 2)', [2]],
      ['pid = 1.5', []],
      ['pid > 1.5 and pid < 2.5', [2]],
      ['elapsed >= 1ms', [3, 4]],
      ['process = dd', [1, 2]],
      ['process = DD', [3]],
      ['process != dd', [3, 4, 5, 6, 7, 8]],
      ["process = ''", [8]],
      ["process != ''", [1, 2, 3, 4, 5, 6, 7]],
      ['process in (dd, DD, nonesuch)', [1, 2, 3]],
      ['process not in (dd, DD)', [4, 5, 6, 7, 8]],
      ['process not in (nonesuch)', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['process = nonesuch', []],
      ['process != nonesuch', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['process < dd', [3, 4, 6, 8]],
      ['process > dd', [5, 7]],
      ['process contains %', [4]],
      ['process contains _', [6]],
      ["process contains '\\\\'", [6]],
      [`process contains "'"`, [4]],
      ["process contains '\"'", [4]],
      ['process contains D', [3]],
      ['process contains d', [1, 2]],
      ['process contains 漢', [5]],
      ['process contains \u{1f600}', [7]],
      ['process contains \u{1f601}', []],
      ["process contains ''", [1, 2, 3, 4, 5, 6, 7, 8]],
      ["process not contains 'd'", [3, 4, 5, 6, 7, 8]],
      ['stack contains btrfs', [2, 4]],
      ['stack contains BTRFS', []],
      ["stack contains 'a;b'", [1, 5]],
      ['process ~ ^d', [1, 2]],
      ['process ~ "(?i)^dd$"', [1, 2, 3]],
      ['process !~ ^d', [3, 4, 5, 6, 7, 8]],
      ["process ~ '^$'", [8]],
      ['hostname = a', [1, 2, 3, 4]],
      ['hostname = A', [5, 6]],
      ['hostname != a', [5, 6, 7, 8]],
      ['hostname contains é', [7, 8]],
      ['hostname in (a, A) and pid > 4', [5, 6]],
      ['labels.kernel = v6.12', [1, 2, 3, 4]],
      ['labels.kernel != v6.12', [5, 6]],
      ['labels.kernel is null', [7, 8]],
      ['labels.kernel is not null', [1, 2, 3, 4, 5, 6]],
      ["labels.note = ''", [5, 6]],
      ['labels.nonesuch = x', []],
      ['labels.nonesuch is null', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['labels.constructor is null', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['labels.__proto__ is not null', []],
      ['time = 2016-10-24T17:12:43.288693Z', [1, 3, 4]],
      ['time != 2016-10-24T17:12:43.288693Z', [2, 5, 6, 7, 8]],
      ['time < 2016-10-24T17:12:43.288693Z', [2]],
      ['time <= 2016-10-24T17:12:43.288692Z', [2]],
      ['time > 2016-10-24T17:12:43.288693Z', [5, 6, 7, 8]],
      ['time >= 2016-10-24T17:13:43.288693Z and time < 2016-10-24T17:14:43.288693Z', [5, 6]],
      ['time in (2016-10-24T17:12:43.288692Z, 2016-10-24T17:13:43.288693Z)', [2, 5, 6]],
      ['time not in (2016-10-24T17:12:43.288692Z, 2016-10-24T17:13:43.288693Z)', [1, 3, 4, 7, 8]],
      ['time is null', []],
      ['process is null', []],
      ['process is not null', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['hostname is null', []],
      ['pid = 1 or process = DD', [1, 3]],
      ['hostname = a and (stack contains btrfs or elapsed = 0)', [1, 2, 4]],
      ['(hostname = A or pid = 1) and (labels.kernel = v6.12 or pid = 6)', [1, 6]],
      ['not (hostname = a or pid >= 7)', [5, 6]],
      ['hostname = a and process = nonesuch', []],
      ['hostname = nonesuch or process = nonesuch', []],
    ])('%s', async (where, expected) => {
      expect((await pids(where)).toSorted((a, b) => a - b)).toEqual(expected);
    });

    test('a list of thousands, and a group of thousands', async () => {
      const many = Array.from({ length: 2000 }, (_, at) => at * 3);
      // Without being asked for an order, a database may take such a list for a table and go through that first.
      const sorted = async (where: string) => (await pids(where)).toSorted();
      expect(await sorted(`pid in (${many.join(',')})`)).toEqual([3, 6]);
      expect(await pids(`pid not in (${many.join(',')})`)).toHaveLength(6);
      expect(await sorted(`process in (${many.map((at) => `p${at}`).join(',')},dd)`)).toEqual([1, 2]);
      expect(await sorted(many.map((pid) => `pid = ${pid}`).join(' or '))).toEqual([3, 6]);
      expect(await pids(many.map((pid) => `time != ${2000 + (pid % 200)}-01-01`).join(' and '))).toHaveLength(
        8,
      );
    });

    test('a pattern that is none is refused', async () => {
      expectProblem(await problemOfAsync(pids("process ~ '('")), 'bad_value', "'('");
    });

    describe('the order', () => {
      const by = (...sort: SortKey[]) => pids('pid > 0', { sort });
      const up = (column: string): SortKey => ({ column, descending: false }) as SortKey;
      const down = (column: string): SortKey => ({ column, descending: true }) as SortKey;

      test('of numbers, times, hosts and text, up and down', async () => {
        expect(await by(down('pid'))).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
        expect((await by(up('time'), up('pid'))).slice(0, 2)).toEqual([2, 1]);
        expect(await by(down('time'), up('pid'))).toEqual([7, 8, 5, 6, 1, 3, 4, 2]);
        expect(await by(up('hostname'), up('pid'))).toEqual([5, 6, 1, 2, 3, 4, 7, 8]);
        expect(await by(down('elapsed'), up('pid'))).toEqual([4, 3, 2, 6, 8, 1, 5, 7]);
      });

      test('of text is that of its bytes', async () => {
        // '' < "%'..." < DD < a_... < dd < 漢 < an emoji, which UTF-16 would put before it only if compared by units.
        expect(await by(up('process'), up('pid'))).toEqual([8, 4, 3, 6, 1, 2, 5, 7]);
        expect(await by(down('process'), down('pid'))).toEqual([7, 5, 2, 1, 6, 3, 4, 8]);
      });

      test('is kept under a limit, whatever is shown', async () => {
        const top = { sort: [down('elapsed'), up('pid')], limit: 3 };
        for (const columns of [['pid'], ['pid', 'process'], ['pid', 'hostname'], ['pid', 'time', 'stack']]) {
          const rows = await selectAll(store, query({ ...top, columns } as Partial<RowQuery>));
          expect(rows.map(({ pid }) => pid)).toEqual([4, 3, 2]);
          expect(rows.map((row) => Object.keys(row))).toEqual([columns, columns, columns]);
        }
      });
    });

    test('a limit of none, of less, of as many and of more than there are', async () => {
      for (const [limit, length] of [
        [0, 0],
        [1, 1],
        [7, 7],
        [8, 8],
        [9, 8],
        [1_000_000, 8],
      ] as const) {
        expect(await pids('pid > 0', { limit })).toHaveLength(length);
        expect(await pids('hostname != x', { limit })).toHaveLength(length);
        expect(await selectAll(store, query({ limit }))).toHaveLength(length);
      }
    });

    test('columns in the asked order, and no others', async () => {
      const columns = ['elapsed', 'hostname', 'stack'] as const;
      const [row] = await selectAll(store, query({ columns, where: parseWhere('pid = 4', offcputime, 0) }));
      expect(Object.entries(row!)).toEqual([
        ['elapsed', 5_000_000],
        ['hostname', 'a'],
        ['stack', 'sys_write;btrfs_wait'],
      ]);
    });

    test('absent values are null, are found as such, and come first', async () => {
      const columns = ['size', 'note', 'waker', 'delta', 'wait', 'ended'];
      const ask = (where: string, sort: readonly SortKey[] = []) =>
        selectAll(
          store,
          query({ category: everything, columns, sort, where: parseWhere(where, everything, 0) }),
        );
      const full = { size: 1, note: 'n', waker: 'w;x', delta: -4, wait: 9, ended: 77 };
      const bare = { size: 2, note: null, waker: null, delta: null, wait: null, ended: null };
      const blank = { size: 3, note: '', waker: '', delta: 0, wait: 0, ended: 0 };
      for (const column of columns.slice(1)) {
        expect(await ask(`${column} is null`)).toEqual([bare]);
        expect(await ask(`${column} is not null`)).toEqual([full, blank]);
        expect((await ask('size > 0', [{ column, descending: false }] as SortKey[]))[0]).toEqual(bare);
        expect((await ask('size > 0', [{ column, descending: true }] as SortKey[])).at(-1)).toEqual(bare);
      }
      for (const where of [
        "note != 'n'",
        "note = ''",
        'note not contains n',
        'note !~ n',
        'note not in (n)',
        'delta != -4',
        'delta not in (-4)',
        'delta > -4',
        'wait < 5',
        "ended != '1970-01-01T00:00:00.000077Z'",
        "ended not in ('1970-01-01T00:00:00.000077Z')",
        'not waker = "w;x"',
      ])
        expect([where, await ask(where)]).toEqual([where, [blank]]);
      expect(await ask('note != nonesuch')).toEqual([full, blank]);
      expect(await ask('delta not in (1.5)')).toEqual([full, blank]);
    });

    test('columns that are called like tables and words of SQL', async () => {
      const where = parseWhere(
        "source = s and 'select' = 1 and 'order' contains o and 'and' < 1m",
        awkward,
        0,
      );
      const columns = ['source', 'select', 'order', 'count', 'b', 'and'];
      const sort = columns.map((column) => ({ column, descending: true })) as SortKey[];
      expect(await selectAll(store, query({ category: awkward, columns, where, sort }))).toEqual([
        { source: 's', select: 1, order: 'o;p', count: 2, b: 3, and: 4 },
      ]);
      expect(
        await store.weighStacks({
          kind: 'stacks',
          category: awkward,
          stack: 'order',
          weight: 'count',
          where,
        }),
      ).toEqual([{ stack: 'o;p', weight: 2 }]);
    });

    test('several questions at once, one left in the middle', async () => {
      const left = store.select(query())[Symbol.asyncIterator]();
      await left.next();
      const answers = await Promise.all([
        pids('pid > 6'),
        pids('process = dd'),
        store.weighStacks(stackQuery()),
        pids('pid < 3'),
      ]);
      expect(answers[0]).toEqual([7, 8]);
      expect(answers[1]).toEqual([1, 2]);
      expect(answers[3]).toEqual([1, 2]);
      await left.return?.();
      expect(await pids('pid = 8')).toEqual([8]);
    });

    describe('stacks', () => {
      const weigh = async (where: string, weight?: string) => {
        const condition = parseWhere(where, offcputime, batchTimeUs);
        const stacks = await store.weighStacks(stackQuery(condition, weight));
        return Object.fromEntries(stacks.map(({ stack, weight: sum }) => [stack, sum]));
      };

      test('are weighed by the number of records', async () => {
        expect(await weigh('pid > 0')).toEqual({ 'a;b': 2, 'sys_write;btrfs_wait': 2, c: 3, '': 1 });
      });

      test('are weighed by a column, of the records that match', async () => {
        expect(await weigh('pid > 0', 'pid')).toEqual({
          'a;b': 6,
          'sys_write;btrfs_wait': 6,
          c: 16,
          '': 8,
        });
        expect(await weigh('hostname = a and elapsed > 0', 'elapsed')).toEqual({
          'sys_write;btrfs_wait': 5_000_700,
          c: 1_000_000,
        });
        expect(await weigh('time < 2016-10-24T17:12:43.288693Z', 'elapsed')).toEqual({
          'sys_write;btrfs_wait': 700,
        });
        expect(await weigh('process = nonesuch')).toEqual({});
      });

      test('are weighed by events and chosen by state, where only some batches and records tell them', async () => {
        const { store } = await freshStore(create);
        const values = (pids: readonly number[]) => [
          pids.map(() => 'dd'),
          pids,
          pids.map((pid) => (pid < 3 ? 'a;b' : 'c')),
          pids.map((pid) => pid * 10),
        ];
        const batch = (columns: readonly (readonly Value[] | undefined)[]) => ({
          batch: {
            ...sampleBatch(),
            entries: [makeEntries({ category: offcputime, length: columns[0]!.length, values: columns })],
          },
        });
        await store.append([
          batch(values([1, 2, 3])),
          batch([...values([1, 2, 3]), [5, null, 7], [9, 20, null], ['D', null, 'S']]),
          batch([...values([3, 4]), undefined, undefined, ['D', 'S']]),
        ]);
        const ask = async (where: string, weight: string) => {
          const condition = parseWhere(where, offcputime, batchTimeUs);
          return sorted(await store.weighStacks(stackQuery(condition, weight)));
        };
        expect(await ask('hostname = destiny', 'count')).toEqual([
          { stack: 'a;b', weight: 8 },
          { stack: 'c', weight: 10 },
        ]);
        expect(await ask('state = D', 'count')).toEqual([
          { stack: 'a;b', weight: 5 },
          { stack: 'c', weight: 1 },
        ]);
        expect(await ask('state is null and process = dd', 'elapsed')).toEqual([
          { stack: 'a;b', weight: 50 },
          { stack: 'c', weight: 30 },
        ]);
        expect(await ask('pid >= 2 and state is not null', 'count')).toEqual([{ stack: 'c', weight: 9 }]);
      });

      test('that are absent are not weighed, and absent weights weigh nothing', async () => {
        const category = everything as Category;
        const ask = (stack: string, weight?: string) =>
          store.weighStacks({ kind: 'stacks', category, stack, where: always, ...(weight && { weight }) });
        expect(sorted(await ask('waker'))).toEqual([
          { stack: '', weight: 1 },
          { stack: 'w;x', weight: 1 },
        ]);
        expect(await ask('trace', 'delta')).toEqual([{ stack: 't', weight: -4 }]);
      });
    });

    describe('what was lost', () => {
      test('is told of the category that is asked for, and of batches without any', async () => {
        const { store } = await freshStore(create);
        const one = sampleBatch().entries;
        const none = [sliceEntries(one[0]!, 0, 0)];
        const batch = (lost: number, entries: Batch['entries']) => ({
          batch: { ...sampleBatch(), lost, entries },
        });
        await store.append([batch(1, one), batch(2, none), batch(4, []), batch(8, [])]);
        expect(await store.scope(offcputime, always)).toEqual({ batches: 4, lost: 15 });
        expect(await store.scope(everything as Category, always)).toEqual({ batches: 2, lost: 12 });
      });

      test.each<[string, number, number]>([
        ['hostname != x', 4, 100],
        ['hostname = a', 1, 10],
        ['hostname = a or hostname = A', 2, 30],
        ['hostname = nonesuch', 0, 0],
        ['labels.kernel = v6.12', 1, 10],
        ['labels.kernel is null', 2, 70],
        ['time < 2016-10-24T17:13:00Z', 2, 50],
        ['time >= 2016-10-24T17:13:00Z and time < 2016-10-24T17:14:00Z', 1, 20],
        ['time > 2040-01-01', 0, 0],
        ['hostname = a and time > 2016-10-24T17:13:00Z', 0, 0],
        ['process = dd', 4, 100],
        ['process = nonesuch', 4, 100],
        ['hostname = a and process = nonesuch', 1, 10],
        ['hostname = a or process = nonesuch', 4, 100],
        ['hostname = a and not (pid > 5 or stack contains x)', 1, 10],
      ])('where %s', async (where, batches, lost) => {
        expect(await store.scope(offcputime, parseWhere(where, offcputime, 0))).toEqual({ batches, lost });
      });
    });
  });
}
