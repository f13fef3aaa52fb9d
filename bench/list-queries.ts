import Database from 'better-sqlite3';
import { offcputime } from '../src/core/category/offcputime.ts';
import { openStore } from '../src/core/store/index.ts';
import type { Store } from '../src/core/store/store.ts';
import type { Result } from './index.ts';
import { builtDuckDb, builtFlat } from './peers/built-peers.ts';
import { countDuckDb, openDuckDb, slowestDuckDb, useThreads } from './peers/duckdb.ts';
import { countFlat, slowestFlat } from './peers/flat-sqlite.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { DAY_US } from './store-data/fleet.ts';
import { type Filter, LIST_LIMIT, listFilters, toCondition } from './store-data/questions.ts';
import { judge, short } from './store-data/verdict.ts';
import { takeTurns } from './take-turns.ts';

export const title =
  'how long do counts and lists over a day of a fleet take, beside a flat table and DuckDB?';

const ROUNDS = 5;
/** Times faster than the flat table, at least; times DuckDB with 2 threads, at most. */
const FLAT_GOAL = 10;
const DUCKDB_GOAL = 3;

/** One question, as each design is asked; each gives what must be the same in all of them. */
interface Question {
  readonly name: string;
  readonly store: (store: Store) => Promise<unknown>;
  readonly flat: (database: Database.Database) => unknown;
  readonly duckdb: (database: Awaited<ReturnType<typeof openDuckDb>>) => Promise<unknown>;
}

const questions: readonly Question[] = [
  countOf(listFilters.contains),
  slowestOf(listFilters.contains),
  slowestOf(listFilters.slow),
];

/** Asks each design in turns. */
export async function run(): Promise<Result> {
  const parameters = { rows: chosenRows(), spanUs: DAY_US };
  const flat = new Database(await builtFlat(parameters), { readonly: true });
  const place = await chosenBackend().filled(parameters);
  const store = await openStore(place.location, { readOnly: true });
  const duckdb = await openDuckDb(await builtDuckDb(parameters));
  const rows: string[][] = [];
  const notes: string[] = [];
  try {
    for (const question of questions) {
      await requireSame(question, store, flat, duckdb);
      const withThreads = (threads: number) => async () => {
        await useThreads(duckdb, threads);
        await question.duckdb(duckdb);
      };
      const times = await takeTurns(
        [
          { name: 'kernelscope', run: () => question.store(store) },
          { name: 'flat SQLite', run: () => question.flat(flat) },
          { name: 'DuckDB, 2 threads', run: withThreads(2) },
          { name: 'DuckDB, 1 thread', run: withThreads(1) },
        ],
        ROUNDS,
      );
      const [ours, flatMs, twoMs, oneMs] = times.map(({ fastestMs }) => fastestMs) as [
        number,
        number,
        number,
        number,
      ];
      rows.push([
        question.name,
        ...[ours, flatMs, twoMs, oneMs].map(short),
        short(flatMs / ours),
        short(ours / twoMs),
      ]);
      // No goal was set for MySQL here.
      if (chosenBackend().name === 'sqlite')
        notes.push(
          judge(`${question.name}, times faster than flat`, flatMs / ours, 'at least', FLAT_GOAL),
          judge(`${question.name}, times DuckDB with 2 threads`, ours / twoMs, 'at most', DUCKDB_GOAL),
        );
    }
  } finally {
    await store.close();
    await place.release();
    duckdb.close();
    flat.close();
  }
  return {
    columns: [
      'question',
      'kernelscope ms',
      'flat SQLite',
      'DuckDB, 2 threads',
      'DuckDB, 1 thread',
      'flat is times slower',
      'times DuckDB (2)',
    ],
    rows,
    notes: [
      `${parameters.rows} rows of 24 hours, ${chosenBackend().name}; the fastest of ${ROUNDS} runs in turns`,
      ...notes,
    ],
  };
}

function countOf(filter: Filter): Question {
  return {
    name: `count of ${filter.name}`,
    store: async (store) => {
      const query = {
        kind: 'stacks',
        category: offcputime,
        stack: 'stack',
        where: toCondition(filter),
      } as const;
      return (await store.weighStacks(query)).reduce((sum, { weight }) => sum + weight, 0);
    },
    flat: (database) => countFlat(database, filter),
    duckdb: (database) => countDuckDb(database, filter),
  };
}

function slowestOf(filter: Filter): Question {
  return {
    name: `top ${LIST_LIMIT} of ${filter.name}`,
    store: async (store) => {
      const found: { readonly elapsed: unknown }[] = [];
      const columns = ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed'] as const;
      for await (const chunk of store.select({
        kind: 'rows',
        category: offcputime,
        columns,
        where: toCondition(filter),
        sort: [{ column: 'elapsed', descending: true }],
        limit: LIST_LIMIT,
      })) {
        found.push(...chunk);
      }
      return found.map(({ elapsed }) => elapsed);
    },
    flat: (database) => slowestFlat(database, filter).map(({ elapsed }) => elapsed),
    duckdb: async (database) => (await slowestDuckDb(database, filter)).map(({ elapsed }) => elapsed),
  };
}

/** Throws unless the designs give the same answer, and there is one. */
async function requireSame(
  question: Question,
  store: Store,
  flat: Database.Database,
  duckdb: Awaited<ReturnType<typeof openDuckDb>>,
): Promise<void> {
  const answers = [await question.store(store), question.flat(flat), await question.duckdb(duckdb)];
  if (JSON.stringify(answers[0]) === '[]') throw new Error(`nothing matches ${question.name}`);
  const texts = new Set(answers.map((answer) => JSON.stringify(answer)));
  if (texts.size > 1)
    throw new Error(`the designs do not agree about ${question.name}: ${[...texts].join(' ')}`);
}
