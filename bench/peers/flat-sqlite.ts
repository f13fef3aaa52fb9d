// The design of the 2016 original: one flat table, one INSERT per record, a flame graph made of all matching rows by
// walking lists of children.
import Database from 'better-sqlite3';
import { formatTimestamp } from '../../src/core/base/timestamp.ts';
import { type Filter, LIST_LIMIT, toFlatWhere } from '../store-data/questions.ts';

export const flatSchema = `CREATE TABLE offcputime (
  id INTEGER PRIMARY KEY, hostname TEXT, time TEXT, process TEXT, pid INTEGER, stack TEXT, elapsed INTEGER
)`;

/** The JSON that a host posts, as the original reads it. */
export interface FlatPost {
  readonly hostname: string;
  readonly time: string;
  readonly offcputime: readonly {
    readonly process: string;
    readonly pid: number;
    readonly stack: string;
    readonly elapsed: number;
  }[];
}

/** A node of the tree that the original answers with. */
export interface ListTree {
  readonly name: string;
  value: number;
  readonly children: ListTree[];
}

/** Opens a flat database as safe against power cuts as ours; makes the table where it is missing. */
export function openFlat(file: string): Database.Database {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(flatSchema.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'));
  return database;
}

/** Makes a function that stores posts, each in a transaction of its own, row by row. */
export function flatWriter(database: Database.Database): (post: FlatPost) => void {
  const insert = database.prepare(
    'INSERT INTO offcputime (hostname, time, process, pid, stack, elapsed) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return database.transaction(({ hostname, time, offcputime }: FlatPost) => {
    for (const { process, pid, stack, elapsed } of offcputime)
      insert.run(hostname, time, process, pid, stack, elapsed);
  });
}

/** The original's way: every matching row, added to a tree whose nodes search their children one by one. */
export function naiveFlameGraph(database: Database.Database, filter: Filter): ListTree {
  const rows = database
    .prepare(`SELECT stack, elapsed FROM offcputime WHERE ${where(filter)}`)
    .raw()
    .all();
  const root: ListTree = { name: 'root', value: 0, children: [] };
  for (const [stack, elapsed] of rows as [string, number][]) {
    let node = root;
    node.value += elapsed;
    for (const name of stack.split(';')) {
      let child = node.children.find((candidate) => candidate.name === name);
      if (child === undefined) {
        child = { name, value: 0, children: [] };
        node.children.push(child);
      }
      child.value += elapsed;
      node = child;
    }
  }
  return root;
}

/** What plain SQL can do on the flat table: the distinct stacks with their sums. */
export function groupFlat(database: Database.Database, filter: Filter): { stack: string; weight: number }[] {
  return database
    .prepare<[], { stack: string; weight: number }>(
      `SELECT stack, sum(elapsed) AS weight FROM offcputime WHERE ${where(filter)} GROUP BY stack`,
    )
    .all();
}

export function countFlat(database: Database.Database, filter: Filter): number {
  return database
    .prepare(`SELECT count(*) FROM offcputime WHERE ${where(filter)}`)
    .pluck()
    .get() as number;
}

/** The slowest records, whole. */
export function slowestFlat(database: Database.Database, filter: Filter): { elapsed: number }[] {
  return database
    .prepare<[], { elapsed: number }>(
      `SELECT hostname, time, process, pid, stack, elapsed FROM offcputime WHERE ${where(filter)} ORDER BY elapsed DESC LIMIT ${LIST_LIMIT}`,
    )
    .all();
}

function where(filter: Filter): string {
  return toFlatWhere(filter, (timeUs) => `'${flatTime(timeUs)}'`, 'instr');
}

/** As the original's clients write it: `2016-10-24 17:12:43.288693`. */
export function flatTime(timeUs: number): string {
  return formatTimestamp(timeUs).replace('T', ' ').slice(0, -1);
}
