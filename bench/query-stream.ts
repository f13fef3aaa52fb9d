import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Result } from './index.ts';
import { chosenBackend, chosenRows, type Place } from './store-data/backends.ts';
import { DAY_US } from './store-data/fleet.ts';
import { startServer } from './store-data/http-server.ts';
import { judge, short } from './store-data/verdict.ts';

export const title =
  'do rows leave as they are read, and does the memory for them stay the same however many they are?';

/** What the command may take, in MB. */
const MEMORY_GOAL_MB = 300;
/** What ten times as many rows may take, times the memory of one tenth of them. */
const GROWTH_GOAL = 1.5;
/** Rows that it takes until the heaps are as large as they get; fewer say nothing of growth. */
const STEADY_ROWS = 1_000_000;
/** How much later the first row may come where there are ten times as many, times how much later the last one comes. */
const FIRST_ROW_GOAL = 0.1;

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));

interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly overHttp: boolean;
  /** Lines that are no rows: a head, or the marks around JSON. */
  readonly linesAround: number;
  /** Rows that are asked for, where not all of them are. */
  readonly limit?: number;
}

/** What one run of the command took. */
interface Run {
  readonly lines: number;
  readonly bytes: number;
  readonly firstRowMs: number;
  readonly lastRowMs: number;
  readonly peakRssMB: number;
}

const TABLE_ROWS = 10_000;
const ways: readonly Way[] = [
  { name: 'ndjson', flags: ['--format', 'ndjson'], overHttp: false, linesAround: 0 },
  { name: 'csv', flags: ['--format', 'csv'], overHttp: false, linesAround: 1 },
  { name: 'json', flags: ['--format', 'json'], overHttp: false, linesAround: 2 },
  {
    name: 'ndjson, slowest first',
    flags: ['--format', 'ndjson', '--sort', '-elapsed'],
    overHttp: false,
    linesAround: 0,
  },
  {
    name: `table of ${TABLE_ROWS}`,
    flags: ['--format', 'table', '--limit', String(TABLE_ROWS)],
    overHttp: false,
    linesAround: 1,
    limit: TABLE_ROWS,
  },
  { name: 'ndjson --server', flags: ['--format', 'ndjson'], overHttp: true, linesAround: 0 },
];

/** Runs the command line as it is installed, at a tenth of the rows and at all of them. */
export async function run(): Promise<Result> {
  if (!existsSync(fileURLToPath(new URL('../dist/core/index.js', import.meta.url))))
    throw new Error('there is no dist: npm run build');
  const all = chosenRows();
  const runs: { readonly way: Way; readonly rows: number; readonly run: Run; readonly serverMB?: number }[] =
    [];
  for (const rows of [Math.ceil(all / 10), all]) {
    const place = await chosenBackend().filled({ rows, spanUs: DAY_US });
    try {
      for (const way of ways) runs.push({ way, rows, ...(await runWay(way, place, rows)) });
    } finally {
      await place.release();
    }
  }
  const notes: string[] = [];
  for (const way of ways) {
    const [few, many] = runs.filter((one) => one.way === way) as [
      (typeof runs)[number],
      (typeof runs)[number],
    ];
    notes.push(judge(`${way.name}, peak RSS, MB`, many.run.peakRssMB, 'at most', MEMORY_GOAL_MB));
    if (few.rows >= STEADY_ROWS) {
      const growth = (what: string, of: (one: typeof few) => number) =>
        judge(`${way.name}, ${what} of ten times the rows`, of(many) / of(few), 'at most', GROWTH_GOAL);
      notes.push(growth('peak RSS', ({ run }) => run.peakRssMB));
      if (way.overHttp) notes.push(growth('peak RSS of the service', ({ serverMB = 0 }) => serverMB));
    }
    if (way.limit === undefined && !way.flags.includes('--sort'))
      notes.push(
        judge(
          `${way.name}, delay of the first row, times that of the last`,
          Math.max(0, many.run.firstRowMs - few.run.firstRowMs) / (many.run.lastRowMs - few.run.lastRowMs),
          'at most',
          FIRST_ROW_GOAL,
        ),
      );
  }
  return {
    columns: ['query', 'rows', 'peak RSS MB', 'service MB', 'first row ms', 'last row s', 'rows/s', 'MB out'],
    rows: runs.map(({ way, rows, run, serverMB }) => [
      way.name,
      String(Math.min(rows, way.limit ?? rows)),
      short(run.peakRssMB),
      serverMB === undefined ? '' : short(serverMB),
      short(run.firstRowMs),
      short(run.lastRowMs / 1000),
      short(Math.min(rows, way.limit ?? rows) / (run.lastRowMs / 1000)),
      short(run.bytes / 1e6),
    ]),
    notes: [
      `${chosenBackend().name}; whole processes from dist, their start included, into a pipe`,
      ...notes,
    ],
  };
}

async function runWay(
  way: Way,
  place: Place,
  rows: number,
): Promise<{ readonly run: Run; readonly serverMB?: number }> {
  const { backend, address } = place.location;
  const database = [backend === 'sqlite' ? '--sqlite' : '--mysql', address];
  if (!way.overHttp) return { run: check(way, rows, await runQuery([...database, ...way.flags])) };
  const server = await startServer([program, 'serve', 'web', ...database, '0']);
  try {
    const run = check(way, rows, await runQuery(['--server', server.url, ...way.flags]));
    return { run, serverMB: (await server.use()).peakRssMB };
  } finally {
    await server.stop();
  }
}

function check({ name, limit, linesAround }: Way, rows: number, run: Run): Run {
  const wanted = Math.min(rows, limit ?? rows) + linesAround;
  if (run.lines !== wanted) throw new Error(`${name} printed ${run.lines} lines, not ${wanted}`);
  return run;
}

/** Runs `kernelscope query` under GNU time and counts the lines that come out; the first that counts is the second: heads come before any row. */
async function runQuery(args: readonly string[]): Promise<Run> {
  const started = performance.now();
  const child = spawn('/usr/bin/time', ['--format=%M', process.execPath, program, 'query', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said = text(child.stderr);
  let lines = 0;
  let bytes = 0;
  let firstRowMs: number | undefined;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    if (lines > 1) firstRowMs ??= performance.now() - started;
  }
  const lastRowMs = performance.now() - started;
  const [status] = await ended;
  const stderr = await said;
  if (status !== 0) throw new Error(`query ${args.join(' ')} ended with ${status}: ${stderr}`);
  const peakRssMB = Number(stderr.trim().split('\n').at(-1)) / 1024;
  return { lines, bytes, firstRowMs: firstRowMs ?? lastRowMs, lastRowMs, peakRssMB };
}
