import Database from 'better-sqlite3';
import { offcputime } from '../src/core/category/offcputime.ts';
import { buildTree } from '../src/core/stack/build-tree.ts';
import type { WeightedStack } from '../src/core/stack/frame-tree.ts';
import { openStore } from '../src/core/store/index.ts';
import type { Store } from '../src/core/store/store.ts';
import type { Result } from './index.ts';
import { builtDuckDb, builtFlat } from './peers/built-peers.ts';
import { groupDuckDb, openDuckDb, useThreads } from './peers/duckdb.ts';
import { groupFlat } from './peers/flat-sqlite.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { runInChild } from './store-data/child.ts';
import { DAY_US } from './store-data/fleet.ts';
import { type Filter, flameGraphFilters, toCondition } from './store-data/questions.ts';
import { judge, short } from './store-data/verdict.ts';
import { type Task, takeTurns, timed } from './take-turns.ts';

export const title = 'how long does a flame graph of a day of a fleet take, beside other designs and DuckDB?';

const ROUNDS = 5;
/** What is wanted by the name of a filter: of SQLite at most so many times DuckDB's time with 2 threads. */
const DUCKDB_GOALS: Readonly<Record<string, number>> = {
  all: 0.6,
  'one hour of 24': 0.6,
  'one process': 1.5,
};
/** Of SQLite: times faster than the original's design, at least. */
const NAIVE_GOAL = 200;
/** Of MySQL: milliseconds at most, of 10 M rows. */
const MYSQL_GOALS_MS: Readonly<Record<string, number>> = { all: 300, 'one hour of 24': 50 };

/** Asks for the same trees, in turns; of the flat table once, and in the original's way in a process of its own. */
export async function run(): Promise<Result> {
  const parameters = { rows: chosenRows(), spanUs: DAY_US };
  const flatFile = await builtFlat(parameters);
  const place = await chosenBackend().filled(parameters);
  const store = await openStore(place.location, { readOnly: true });
  const duckdb = await openDuckDb(await builtDuckDb(parameters));
  const flat = new Database(flatFile, { readonly: true });
  const rows: string[][] = [];
  const notes: string[] = [];
  try {
    for (const filter of flameGraphFilters) {
      const withThreads = (threads: number) => async () => {
        await useThreads(duckdb, threads);
        return buildTree(await groupDuckDb(duckdb, filter));
      };
      const tasks: Task[] = [
        { name: 'kernelscope', run: async () => buildTree(await weigh(store, filter)) },
        { name: 'DuckDB, 2 threads', run: withThreads(2) },
        { name: 'DuckDB, 1 thread', run: withThreads(1) },
      ];
      requireSame(await weigh(store, filter), await groupDuckDb(duckdb, filter), filter.name);
      const times = (await takeTurns(tasks, ROUNDS)).map(({ fastestMs }) => fastestMs);
      const grouped = await timed(() => buildTree(groupFlat(flat, filter)));
      const naive = await runInChild<{ wallMs: number }>('time-naive-flame-graph', [flatFile, filter]);
      rows.push([
        filter.name,
        ...[...times, grouped.wallMs, naive.result.wallMs].map(short),
        (times[0]! / times[1]!).toFixed(2),
        (naive.result.wallMs / times[0]!).toFixed(0),
      ]);
      notes.push(...judgeTimes(filter.name, times[0]!, times[1]!, naive.result.wallMs));
    }
  } finally {
    await store.close();
    await place.release();
    duckdb.close();
    flat.close();
  }
  return {
    columns: [
      'flame graph of',
      'kernelscope ms',
      'DuckDB, 2 threads',
      'DuckDB, 1 thread',
      'flat SQLite, GROUP BY',
      'naive: rows, then lists',
      'times DuckDB (2)',
      'naive is times slower',
    ],
    rows,
    notes: [
      `${parameters.rows} rows of 24 hours, ${chosenBackend().name}; the fastest of ${ROUNDS} runs in turns, the flat table's once; each from the question to the tree`,
      ...notes,
    ],
  };
}

function judgeTimes(question: string, oursMs: number, duckdbMs: number, naiveMs: number): string[] {
  if (chosenBackend().name === 'mysql') {
    const goal = MYSQL_GOALS_MS[question];
    return goal === undefined ? [] : [judge(`${question}, ms`, oursMs, 'at most', goal)];
  }
  const goal = DUCKDB_GOALS[question];
  if (goal === undefined) return [];
  return [
    judge(`${question}, times DuckDB with 2 threads`, oursMs / duckdbMs, 'at most', goal),
    judge(`${question}, times faster than naive`, naiveMs / oursMs, 'at least', NAIVE_GOAL),
  ];
}

function weigh(store: Store, filter: Filter): Promise<readonly WeightedStack[]> {
  return store.weighStacks({
    kind: 'stacks',
    category: offcputime,
    stack: 'stack',
    weight: 'elapsed',
    where: toCondition(filter),
  });
}

/** Throws unless two designs found the same stacks and sums. */
function requireSame(
  left: readonly WeightedStack[],
  right: readonly WeightedStack[],
  question: string,
): void {
  const sums = new Map(left.map(({ stack, weight }) => [stack, weight]));
  const same = left.length === right.length && right.every(({ stack, weight }) => sums.get(stack) === weight);
  if (!same) throw new Error(`the designs do not agree about ${question}`);
}
