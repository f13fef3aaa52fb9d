import { offcputime } from '../src/core/category/offcputime.ts';
import type { Condition } from '../src/core/query/condition.ts';
import { makeGroupQuery } from '../src/core/query/make-group-query.ts';
import { parseWhere } from '../src/core/query/parse-where.ts';
import type { GroupQuery, RowQuery } from '../src/core/query/query.ts';
import { openStore } from '../src/core/store/index.ts';
import type { Store } from '../src/core/store/store.ts';
import type { Result } from './index.ts';
import { typedSql } from './peers/typed-sql.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { DAY_US } from './store-data/fleet.ts';
import { judge, short } from './store-data/verdict.ts';
import { takeTurns } from './take-turns.ts';

export const title =
  'how long do questions take, beside the same in SQL, typed into sqlite3 or mysql on the same database?';

const ROUNDS = 3;
/** Times sqlite3 or mysql, at most. */
const PEER_GOAL = 1;

/** A question, and what a person who knows SQL would type for it, over the flat view. */
interface Question {
  readonly name: string;
  readonly query: RowQuery | GroupQuery;
  readonly sql: string | Readonly<Record<'sqlite' | 'mysql', string>>;
}

const questions: readonly Question[] = [
  {
    name: 'processes by time',
    query: groups({ groupBy: ['process'], aggregates: ['count', 'sum(elapsed)', 'max(elapsed)'] }),
    sql: 'SELECT process, count(*), sum(elapsed) AS ns, max(elapsed) AS most FROM offcputime GROUP BY process ORDER BY 2 DESC',
  },
  {
    name: 'processes by time, of slow records',
    query: groups({ groupBy: ['process'], aggregates: ['count', 'sum(elapsed)'] }, 'elapsed > 1ms'),
    sql: 'SELECT process, count(*), sum(elapsed) FROM offcputime WHERE elapsed > 1000000 GROUP BY process ORDER BY 2 DESC',
  },
  {
    name: 'minutes of one process',
    query: groups({ groupBy: ['time:1m'], aggregates: ['count', 'sum(elapsed)'] }, 'process = bash'),
    sql: "SELECT substr(time, 1, 16) AS minute, count(*), sum(elapsed) FROM offcputime WHERE process = 'bash' GROUP BY 1 ORDER BY 1",
  },
  {
    name: 'p99 of each process',
    query: groups({ groupBy: ['process'], aggregates: ['p99(elapsed)'] }),
    sql: 'SELECT process, min(CASE WHEN place * 100 >= total * 99 THEN elapsed END) AS p99 FROM (SELECT process, elapsed, sum(coalesce(count, 1)) OVER (PARTITION BY process ORDER BY elapsed) AS place, sum(coalesce(count, 1)) OVER (PARTITION BY process) AS total FROM offcputime) AS placed GROUP BY process ORDER BY 2 DESC',
  },
  {
    name: 'p50, p99 and p99.9 of all',
    query: groups({ groupBy: [], aggregates: ['p50(elapsed)', 'p99(elapsed)', 'p99.9(elapsed)'] }),
    sql: 'SELECT min(CASE WHEN place * 100 >= total * 50 THEN elapsed END) AS p50, min(CASE WHEN place * 100 >= total * 99 THEN elapsed END) AS p99, min(CASE WHEN place * 1000 >= total * 999 THEN elapsed END) AS p999 FROM (SELECT elapsed, sum(coalesce(count, 1)) OVER (ORDER BY elapsed) AS place, sum(coalesce(count, 1)) OVER () AS total FROM offcputime) AS placed',
  },
  {
    name: 'distinct processes and hosts',
    query: groups({ groupBy: ['hostname', 'process'], aggregates: [] }),
    sql: 'SELECT DISTINCT hostname, process FROM offcputime ORDER BY 1, 2',
  },
  {
    name: 'all records of one process',
    query: {
      kind: 'rows',
      category: offcputime,
      columns: ['time', 'process', 'stack', 'elapsed'],
      where: where('process = bash'),
      sort: [],
    },
    sql: "SELECT time, process, stack, elapsed FROM offcputime WHERE process = 'bash'",
  },
  {
    name: 'all records with a frame of btrfs',
    query: {
      kind: 'rows',
      category: offcputime,
      columns: ['process', 'stack', 'elapsed'],
      where: where('stack contains btrfs'),
      sort: [],
    },
    sql: "SELECT process, stack, elapsed FROM offcputime WHERE instr(stack, 'btrfs') > 0",
  },
  {
    name: 'the 20 slowest records',
    query: {
      kind: 'rows',
      category: offcputime,
      columns: ['time', 'process', 'stack', 'elapsed'],
      where: where(''),
      sort: [{ column: 'elapsed', descending: true }],
      limit: 20,
    },
    sql: 'SELECT time, process, stack, elapsed FROM offcputime ORDER BY elapsed DESC LIMIT 20',
  },
  {
    name: 'leaves by time',
    query: groups({ groupBy: ['leaf'], aggregates: ['count', 'sum(elapsed)'] }),
    sql: {
      // What is left of a stack without all that is not behind its last semicolon.
      sqlite:
        "SELECT replace(stack, rtrim(stack, replace(stack, ';', '')), '') AS leaf, count(*), sum(elapsed) FROM offcputime GROUP BY 1 ORDER BY 2 DESC",
      mysql:
        "SELECT substring_index(stack, ';', -1) AS leaf, count(*), sum(elapsed) FROM offcputime GROUP BY 1 ORDER BY 2 DESC",
    },
  },
];

/** Asks both in turns; the peer in a process of its own, whose start is taken off. */
export async function run(): Promise<Result> {
  const parameters = { rows: chosenRows(), spanUs: DAY_US };
  const place = await chosenBackend().filled(parameters);
  const { program, ask } = typedSql(place.location);
  const store = await openStore(place.location, { readOnly: true });
  const rows: string[][] = [];
  const notes: string[] = [];
  try {
    for (const { name, query, sql } of questions) {
      const typed = `SELECT count(*) FROM (${typeof sql === 'string' ? sql : sql[chosenBackend().name]}) AS answer`;
      const [ours, peerMs, startMs] = (
        await takeTurns(
          [
            { name: 'kernelscope', run: () => countRows(store, query) },
            { name: program, run: () => ask(typed) },
            { name: `start of ${program}`, run: () => ask('SELECT 1') },
          ],
          ROUNDS,
        )
      ).map(({ fastestMs }) => fastestMs) as [number, number, number];
      const counted = await countRows(store, query);
      const answered = ask(typed);
      if (counted !== answered)
        throw new Error(`${program} answers '${name}' by ${answered} rows, and not by ${counted}`);
      const asked = peerMs - startMs;
      rows.push([name, String(counted), short(ours), short(asked), short(ours / asked)]);
      notes.push(judge(`${name}, times ${program}`, ours / asked, 'at most', PEER_GOAL));
    }
  } finally {
    await store.close();
    await place.release();
  }
  return {
    columns: ['question', 'rows of the answer', 'kernelscope ms', `${program} ms`, `times ${program}`],
    rows,
    notes: [
      `${parameters.rows} rows of 24 hours; the fastest of ${ROUNDS} runs in turns, ${program} without its start and without printing`,
      ...notes,
    ],
  };
}

async function countRows(store: Store, query: RowQuery | GroupQuery): Promise<number> {
  let count = 0;
  if (query.kind === 'rows') for await (const chunk of store.select(query)) count += chunk.length;
  else for await (const { rows } of store.aggregate(query)) count += rows.length;
  return count;
}

function groups(
  words: { readonly groupBy: readonly string[]; readonly aggregates: readonly string[] },
  clause = '',
): GroupQuery {
  return makeGroupQuery(words, offcputime, where(clause));
}

function where(clause: string): Condition {
  return clause === '' ? { kind: 'and', conditions: [] } : parseWhere(clause, offcputime, 0);
}
