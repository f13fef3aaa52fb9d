import { offcputime } from '../../../src/core/category/offcputime.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { openStore, type StoreLocation } from '../../../src/core/store/index.ts';
import type { Store } from '../../../src/core/store/store.ts';
import { timed } from '../../take-turns.ts';
import { type Filter, LIST_LIMIT, toCondition } from '../questions.ts';

const columns = ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed'] as const;
const slowestFirst = [{ column: 'elapsed', descending: true }] as const;

/** The questions; each gives how many stacks or records it got. */
const questions = {
  nothing: async () => 0,
  'flame graph of all': (store: Store) => drawStacks(store, { name: 'all' }),
  // Elapsed is in no summary: this one walks the rows.
  'flame graph of slow records': (store: Store) => drawStacks(store, { name: 'slow', elapsedAboveNs: 1_000 }),
  'all records': (store: Store) => countRecords(store, {}),
  'all records, sorted by elapsed': (store: Store) => countRecords(store, { sort: slowestFirst }),
  'top 20 of all': (store: Store) => countRecords(store, { sort: slowestFirst, limit: LIST_LIMIT }),
} as const satisfies Record<string, (store: Store) => Promise<number>>;

export type QuestionName = keyof typeof questions;

/** Opens a store and asks it one question. */
export async function run(
  location: StoreLocation,
  question: QuestionName,
): Promise<{ wallMs: number; answers: number }> {
  const store = await openStore(location, { readOnly: true });
  try {
    const { wallMs, result } = await timed(() => questions[question](store));
    return { wallMs, answers: result };
  } finally {
    await store.close();
  }
}

async function drawStacks(store: Store, filter: Filter): Promise<number> {
  const stacks = await store.weighStacks({
    kind: 'stacks',
    category: offcputime,
    stack: 'stack',
    weight: 'elapsed',
    where: toCondition(filter),
  });
  return buildTree(stacks).totals[0]! > 0 ? stacks.length : 0;
}

async function countRecords(
  store: Store,
  options: { readonly sort?: typeof slowestFirst; readonly limit?: number },
): Promise<number> {
  let count = 0;
  const where = toCondition({ name: 'all' });
  for await (const chunk of store.select({
    kind: 'rows',
    category: offcputime,
    columns,
    where,
    sort: [],
    ...options,
  }))
    count += chunk.length;
  return count;
}
