import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Category, Value } from '../../src/core/category/define-category.ts';
import type { EntryColumns } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { always, type Condition } from '../../src/core/query/condition.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import type { RowQuery, SortKey } from '../../src/core/query/query.ts';
import type { RecordSource, Store } from '../../src/core/store/store.ts';
import { SCHEMA_VERSION } from '../../src/core/store/table.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { expectProblem, problemOfAsync } from '../support/problem.ts';
import { awkward, everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';

const batchTimeUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;
const second = 1_000_000;

/**
 * What every backend must do, whatever it is made of. `create` makes databases of the backend; `open` on one of them is
 * what another process would do.
 */
export function storeContract(name: string, create: CreateTestDatabase): void {
  describe(`${name} keeps the contract of a store`, () => {
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
        expect(await later.append([{ batch: sampleBatch(), key: 'one' }])).toMatchObject([
          { repeated: true },
        ]);
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
        const values = Array.from(
          { length: 1061 },
          (_, at): Row => [`p${at % 7}`, at, `s${at % 13}`, at * 3],
        );
        await store.append([{ batch: offcputimeBatch(values) }]);
        const rows = await selectAll(store, query());
        expect(rows.map(({ process, pid, stack, elapsed }) => [process, pid, stack, elapsed])).toEqual(
          values,
        );
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
        const timesUs = [-1, null, -1_500_000_000_000_001];
        await store.append([
          { batch: { ...batch, timeUs: -7, entries: [{ ...batch.entries[0]!, timesUs }] } },
        ]);
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
        expect(await store.append([{ batch: sampleBatch(), key: 'bad' }])).toMatchObject([
          { repeated: false },
        ]);
        const [first] = await store.append([{ batch: sampleBatch(), key: 'good' }]);
        // Backends that take one batch at a time may have stored the good one before; either way it is there once.
        expect(await count(store)).toBe(4);
        expect(first!.accepted).toEqual({ offcputime: 2 });
      });
    });

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
        expect(
          await pids(many.map((pid) => `time != ${2000 + (pid % 200)}-01-01`).join(' and ')),
        ).toHaveLength(8);
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
          for (const columns of [
            ['pid'],
            ['pid', 'process'],
            ['pid', 'hostname'],
            ['pid', 'time', 'stack'],
          ]) {
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
              entries: [{ category: offcputime, length: columns[0]!.length, values: columns }],
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
          const none = [{ ...one[0]!, length: 0, values: [[], [], [], []] }];
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

    test('sums are exact to 2^53, and the nearest double above', async () => {
      const { store } = await freshStore(create);
      const big = Number.MAX_SAFE_INTEGER;
      const sum = (...weights: number[]) =>
        Number(weights.reduce((total, weight) => total + BigInt(weight), 0n));
      const groups = {
        exact: [big - 2, 1, 1],
        above: [big, 1, 1, 1],
        odd: [big, big, big, 1, 3, big, 5],
        many: new Array(3000).fill(big),
        zero: [0, 0],
      };
      const rows = Object.entries(groups).flatMap(([stack, weights]) =>
        weights.map((weight: number): Row => ['p', weight, stack, weight]),
      );
      await store.append([{ batch: offcputimeBatch(rows) }]);
      for (const weight of ['elapsed', 'pid'])
        expect(sorted(await store.weighStacks(stackQuery(always, weight)))).toEqual(
          sorted(Object.entries(groups).map(([stack, weights]) => ({ stack, weight: sum(...weights) }))),
        );
    });

    test('rows leave before all are read, and one may stop reading at any time', async () => {
      const { store } = await freshStore(create);
      const rows = Array.from({ length: 5000 }, (_, at): Row => ['p', at, `s${at}`, at]);
      await store.append([{ batch: offcputimeBatch(rows) }]);
      for (const stopAfter of [1, 2]) {
        let chunks = 0;
        for await (const chunk of store.select(query())) {
          expect(chunk.length).toBeLessThan(5000);
          if (++chunks === stopAfter) break;
        }
        expect(chunks).toBe(stopAfter);
      }
      expect(await count(store)).toBe(5000);
      await store.append([{ batch: sampleBatch() }]);
      expect(await count(store)).toBe(5002);
    });

    test('one may write while the answer to a question is being read, and the answer stays as it was', async () => {
      const { store } = await freshStore(create);
      const rows = Array.from({ length: 3000 }, (_, at): Row => ['p', at, 's', at]);
      await store.append([{ batch: offcputimeBatch(rows) }]);
      let read = 0;
      for await (const chunk of store.select(query())) {
        if (read === 0) await store.append([{ batch: sampleBatch() }]);
        read += chunk.length;
      }
      expect(read).toBe(3000);
      expect(await count(store)).toBe(3002);
    });

    test('what one handle commits another sees at once', async () => {
      const { store, reader } = await freshStore(create);
      for (let batches = 1; batches <= 3; batches++) {
        const label = `new ${batches}`;
        await store.append([
          { batch: { ...offcputimeBatch([[label, 1, label, 1]]), labels: { run: label } } },
        ]);
        const where = parseWhere(`process = '${label}' and labels.run = '${label}'`, offcputime, 0);
        expect(await selectAll(reader, query({ where, columns: ['stack'] }))).toEqual([{ stack: label }]);
      }
    });

    test('closing twice is no error, and what comes after it is refused', async () => {
      const database = await create([]);
      onTestFinished(() => database.remove());
      const store = await database.open();
      await store.append([{ batch: sampleBatch() }]);
      await store.close();
      await store.close();
      await expect(store.append([{ batch: sampleBatch() }])).rejects.toThrow();
      await expect(store.status()).rejects.toThrow();
    });

    test('several processes may make the tables at the same time', async () => {
      const database = await create([]);
      onTestFinished(() => database.remove());
      const stores = await Promise.all(Array.from({ length: 4 }, () => database.open({ create: true })));
      const results = await Promise.all(stores.map((store) => store.init()));
      expect(results.every(({ created }) => !created)).toBe(true);
      await Promise.all(stores.map((store) => store.close()));
    });
  });
}

type Row = readonly [process: string, pid: number, stack: string, elapsed: number];

/** Opens an empty database of its own for one test: once to write, once to read only. */
async function freshStore(
  create: CreateTestDatabase,
): Promise<{ readonly database: TestDatabase; readonly store: Store; readonly reader: Store }> {
  const database = await create([everything, awkward]);
  onTestFinished(() => database.remove());
  return {
    database,
    store: await openUntilEnd(database),
    reader: await openUntilEnd(database, { readOnly: true }),
  };
}

async function openUntilEnd(
  database: TestDatabase,
  options: { readonly readOnly?: boolean } = {},
): Promise<Store> {
  const store = await database.open(options);
  onTestFinished(() => store.close());
  return store;
}

async function selectAll(store: RecordSource, asked: RowQuery): Promise<readonly Record<string, Value>[]> {
  const rows: Record<string, Value>[] = [];
  for await (const chunk of store.select(asked)) rows.push(...(chunk as readonly Record<string, Value>[]));
  return rows;
}

async function count(store: RecordSource): Promise<number> {
  return (await selectAll(store, query({ columns: ['pid'] }))).length;
}

function query(changes: Partial<RowQuery> = {}): RowQuery {
  const category = changes.category ?? (offcputime as Category);
  const columns = category.columns.map((column) => column.name);
  return { kind: 'rows', category, columns, where: always, sort: [], ...changes };
}

function stackQuery(where: Condition = always, weight?: string) {
  return {
    kind: 'stacks',
    category: offcputime as Category,
    stack: 'stack',
    where,
    ...(weight && { weight }),
  } as const;
}

function sorted<S extends { readonly stack: string }>(stacks: readonly S[]): readonly S[] {
  return stacks.toSorted((a, b) => (a.stack < b.stack ? -1 : 1));
}

function offcputimeBatch(rows: readonly Row[]): Batch & { readonly entries: readonly [EntryColumns] } {
  const values = [0, 1, 2, 3].map((c) => rows.map((row) => row[c]!));
  const entries = [{ category: offcputime as Category, length: rows.length, values }] as const;
  return { hostname: 'destiny', timeUs: batchTimeUs, labels: {}, lost: 0, entries };
}

function sampleBatch(): Batch {
  const batch = offcputimeBatch([
    ['dd', 1234, 'a;b', 123_456],
    ['fio', -1, '', 0],
  ]);
  return { ...batch, entries: [{ ...batch.entries[0], timesUs: [null, batchTimeUs + 5] }] };
}

/** Entries of the category with every type: what is not said has a plain value, or is absent where it may be. */
function everythingEntries(rows: readonly Readonly<Record<string, Value>>[]): EntryColumns {
  const plain: Readonly<Record<string, Value>> = { label: 'l', trace: 't', size: 1, latency: 2, started: 3 };
  const columns = everything.columns.slice(2);
  return {
    category: everything,
    length: rows.length,
    values: columns.map(({ name }) => rows.map((row) => row[name] ?? plain[name] ?? null)),
  };
}

/** Eight records of three hosts, told apart by pid, and a few of other categories. */
function readingBatches(): readonly Batch[] {
  const a = offcputimeBatch([
    ['dd', 1, 'a;b', 0],
    ['dd', 2, 'sys_write;btrfs_wait', 700],
    ['DD', 3, 'c', 1_000_000],
    [`%'"`, 4, 'sys_write;btrfs_wait', 5_000_000],
  ]);
  const own = { ...a.entries[0], timesUs: [null, batchTimeUs - 1, null, batchTimeUs] };
  const upper = offcputimeBatch([
    ['漢字', 5, 'a;b', 0],
    ['a_b\\c', 6, 'c', 5],
  ]);
  const other = offcputimeBatch([
    ['\u{1f600}', 7, 'c', 0],
    ['', 8, '', 1],
  ]);
  const full = { size: 1, note: 'n', waker: 'w;x', delta: -4, wait: 9, ended: 77 };
  const blank = { size: 3, note: '', waker: '', delta: 0, wait: 0, ended: 0 };
  const odd: EntryColumns = {
    category: awkward,
    length: 2,
    values: [
      ['s', 'other'],
      [1, 1],
      ['o;p', 'o'],
      [2, 20],
      [3, 3],
      [4, 4],
    ],
  };
  return [
    { ...a, hostname: 'a', labels: { kernel: 'v6.12', run: 'x' }, lost: 10, entries: [own] },
    {
      ...upper,
      hostname: 'A',
      labels: { kernel: 'v6.13', note: '' },
      lost: 20,
      timeUs: batchTimeUs + 60 * second,
    },
    { ...other, hostname: 'é', lost: 30, timeUs: batchTimeUs + 120 * second },
    { ...offcputimeBatch([]), hostname: 'idle', lost: 40 },
    {
      ...offcputimeBatch([]),
      hostname: 'b',
      timeUs: batchTimeUs + 180 * second,
      entries: [everythingEntries([full, { size: 2 }, blank]), odd],
    },
  ];
}
