import { onTestFinished } from 'vitest';
import type { Category, Value } from '../../src/core/category/define-category.ts';
import { type EntryColumns, makeEntries, makeNumberColumn } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import { always, type Condition } from '../../src/core/query/condition.ts';
import type { RowQuery } from '../../src/core/query/query.ts';
import type { RecordSource, Store } from '../../src/core/store/store.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { awkward, everything } from '../support/sample-categories.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';

export const batchTimeUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;
export const second = 1_000_000;

export type Row = readonly [process: string, pid: number, stack: string, elapsed: number];

/** Opens an empty database of its own for one test: once to write, once to read only. */
export async function freshStore(
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

export async function openUntilEnd(
  database: TestDatabase,
  options: { readonly readOnly?: boolean } = {},
): Promise<Store> {
  const store = await database.open(options);
  onTestFinished(() => store.close());
  return store;
}

export async function selectAll(
  store: RecordSource,
  asked: RowQuery,
): Promise<readonly Record<string, Value>[]> {
  const rows: Record<string, Value>[] = [];
  for await (const chunk of store.select(asked)) rows.push(...(chunk as readonly Record<string, Value>[]));
  return rows;
}

export async function count(store: RecordSource): Promise<number> {
  return (await selectAll(store, query({ columns: ['pid'] }))).length;
}

export function query(changes: Partial<RowQuery> = {}): RowQuery {
  const category = changes.category ?? (offcputime as Category);
  const columns = category.columns.map((column) => column.name);
  return { kind: 'rows', category, columns, where: always, sort: [], ...changes };
}

export function stackQuery(where: Condition = always, weight?: string) {
  return {
    kind: 'stacks',
    category: offcputime as Category,
    stack: 'stack',
    where,
    ...(weight && { weight }),
  } as const;
}

export function sorted<S extends { readonly stack: string }>(stacks: readonly S[]): readonly S[] {
  return stacks.toSorted((a, b) => (a.stack < b.stack ? -1 : 1));
}

export function offcputimeBatch(rows: readonly Row[]): Batch & { readonly entries: readonly [EntryColumns] } {
  const values = [0, 1, 2, 3].map((c) => rows.map((row) => row[c]!));
  const entries = [makeEntries({ category: offcputime as Category, length: rows.length, values })] as const;
  return { hostname: 'destiny', timeUs: batchTimeUs, labels: {}, lost: 0, entries };
}

export function sampleBatch(): Batch {
  const batch = offcputimeBatch([
    ['dd', 1234, 'a;b', 123_456],
    ['fio', -1, '', 0],
  ]);
  return { ...batch, entries: [{ ...batch.entries[0], timesUs: makeNumberColumn([null, batchTimeUs + 5]) }] };
}

/** Entries of the category with every type: what is not said has a plain value, or is absent where it may be. */
export function everythingEntries(rows: readonly Readonly<Record<string, Value>>[]): EntryColumns {
  const plain: Readonly<Record<string, Value>> = { label: 'l', trace: 't', size: 1, latency: 2, started: 3 };
  const columns = everything.columns.slice(2);
  return makeEntries({
    category: everything,
    length: rows.length,
    values: columns.map(({ name }) => rows.map((row) => row[name] ?? plain[name] ?? null)),
  });
}

/** Eight records of three hosts, told apart by pid, and a few of other categories. */
export function readingBatches(): readonly Batch[] {
  const a = offcputimeBatch([
    ['dd', 1, 'a;b', 0],
    ['dd', 2, 'sys_write;btrfs_wait', 700],
    ['DD', 3, 'c', 1_000_000],
    [`%'"`, 4, 'sys_write;btrfs_wait', 5_000_000],
  ]);
  const own = { ...a.entries[0], timesUs: makeNumberColumn([null, batchTimeUs - 1, null, batchTimeUs]) };
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
  const odd = makeEntries({
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
  });
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
