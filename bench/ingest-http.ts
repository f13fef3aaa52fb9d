import { gunzipSync } from 'node:zlib';
import type { Result } from './index.ts';
import { median } from './measure.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { type BodyForm, builtBodies, readBodies } from './store-data/bodies.ts';
import { removeFiles, scratchFile } from './store-data/build-folder.ts';
import { runInChild } from './store-data/child.ts';
import type { PostTimes } from './store-data/children/post-bodies.ts';
import { DAY_US } from './store-data/fleet.ts';
import { type MeasuredServer, startLogger, startServer } from './store-data/http-server.ts';
import { judge, short } from './store-data/verdict.ts';
import { timed } from './take-turns.ts';

export const title =
  'how many rows a second does the logger commit over HTTP, beside HTTP alone and the design of 2016?';

const ROUNDS = 3;
const CONNECTIONS = 8;
/** Rows that a logger that has just started takes before it is measured: V8 compiles while it runs. */
const WARM_UP_ROWS = 500_000;
/** Thousands of rows a second, at least, and what JSON.parse did on one thread of the machine that this was set on. */
const GOALS = { sqlite: 500, mysql: 200 } as const;
const GOALS_JSON_PARSE = 2646;

/** A logger that the same posts are sent to, in one of the forms that they have. */
interface Contender {
  readonly name: string;
  readonly form: BodyForm;
  /** Starts over an empty database, and what to call when all is over. */
  readonly start: () => Promise<{
    readonly server: MeasuredServer;
    readonly release: () => void | Promise<void>;
  }>;
}

/** What one run over one contender came to. */
interface Measured {
  readonly kRowsPerS: number;
  readonly warmUpKRowsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly eventLoopDelayP99Ms: number;
  readonly peakRssMB: number;
  readonly cpuSPerMRows: number;
}

/** Sends the same posts to each logger in turns, the client in a process of its own. */
export async function run(): Promise<Result> {
  const rows = chosenRows();
  const files = { columns: await buildFiles(rows, 'columns'), entries: await buildFiles(rows, 'entries') };
  const contenders = [discarding, ours('columns'), ours('entries'), flat];
  const measured = contenders.map((): Measured[] => []);
  const parsed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, contender] of contenders.entries())
      measured[at]!.push(await measure(contender, files[contender.form], rows));
    parsed.push(rows / (await parseAll(files.entries.measured)));
  }
  const medians = measured.map(mediansOf);
  const [, store, asEntries, naive] = medians;
  const goal = GOALS[chosenBackend().name];
  const jsonParse = median(parsed);
  return {
    columns: [
      'logger',
      'k rows/s',
      'k rows/s at first',
      'p50 ms',
      'p99 ms',
      'event loop delay p99 ms',
      'peak RSS MB',
      'CPU s per M rows',
    ],
    rows: contenders.map(({ name }, at) => [name, ...Object.values(medians[at]!).map(short)]),
    notes: [
      `${rows} rows after ${WARM_UP_ROWS} at first; ${CONNECTIONS} connections, gzip; medians of ${ROUNDS} runs in turns; the client takes a part of the same cores`,
      `bytes of a body by gzip, per row: ${short(bytesOf(files.columns.measured) / rows)} as columns, ${short(bytesOf(files.entries.measured) / rows)} as entries`,
      `times the design of 2016: ${short(store!.kRowsPerS / naive!.kRowsPerS)} as columns, ${short(asEntries!.kRowsPerS / naive!.kRowsPerS)} as entries`,
      'goals are those of columns, as agents send them:',
      judge('k rows/s', store!.kRowsPerS, 'at least', goal),
      `JSON.parse of the entries on one thread: ${short(jsonParse)} k rows/s; the goal was set where it does ${GOALS_JSON_PARSE}`,
      judge(
        'part of the rate of JSON.parse',
        store!.kRowsPerS / jsonParse,
        'at least',
        goal / GOALS_JSON_PARSE,
      ),
      judge('p99 of a post, ms', store!.p99Ms, 'at most', 500),
      judge('event loop delay p99, ms', store!.eventLoopDelayP99Ms, 'at most', 10),
      judge('peak RSS, MB', store!.peakRssMB, 'at most', 400),
    ],
  };
}

const ours = (form: BodyForm): Contender => ({
  name: `kernelscope serve logger (${chosenBackend().name}), ${form}`,
  form,
  start: async () => {
    const place = await chosenBackend().empty();
    return { server: await startLogger(place.location), release: place.release };
  },
});

const flat: Contender = {
  name: 'the design of 2016: one thread, a flat table row by row, entries',
  form: 'entries',
  start: async () => {
    const file = scratchFile('flat.db');
    return {
      server: await startServer(['bench/peers/logger.ts', 'flat', file]),
      release: () => removeFiles(file),
    };
  },
};

const discarding: Contender = {
  name: 'floor: HTTP and gunzip, nothing stored, columns',
  form: 'columns',
  start: async () => ({ server: await startServer(['bench/peers/logger.ts', 'discard']), release: () => {} }),
};

function bytesOf(file: string): number {
  let bytes = 0;
  for (const body of readBodies(file)) bytes += body.length;
  return bytes;
}

/** Parses all bodies as the floor that no logger gets below; gives the ms of CPU, without those of gunzip. */
async function parseAll(file: string): Promise<number> {
  let cpuMs = 0;
  for (const body of readBodies(file)) {
    const text = gunzipSync(body).toString();
    cpuMs += (await timed(() => JSON.parse(text))).cpuMs;
  }
  return cpuMs;
}

/** Files of posts: those that a logger is sent at first, and those that are measured. */
interface Files {
  readonly warmUp: string;
  readonly measured: string;
}

async function buildFiles(rows: number, form: BodyForm): Promise<Files> {
  return {
    warmUp: await builtBodies({ rows: WARM_UP_ROWS, spanUs: DAY_US }, form),
    measured: await builtBodies({ rows, spanUs: DAY_US }, form),
  };
}

async function measure({ start }: Contender, files: Files, rows: number): Promise<Measured> {
  const { server, release } = await start();
  const send = async (file: string) =>
    (await runInChild<PostTimes>('post-bodies', [server.url, file, CONNECTIONS])).result;
  try {
    const first = await send(files.warmUp);
    const before = await server.use();
    const result = await send(files.measured);
    const after = await server.use();
    return {
      kRowsPerS: rows / result.wallMs,
      warmUpKRowsPerS: WARM_UP_ROWS / first.wallMs,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      eventLoopDelayP99Ms: after.eventLoopDelayP99Ms,
      peakRssMB: after.peakRssMB,
      cpuSPerMRows: ((after.cpuS - before.cpuS) * 1e6) / rows,
    };
  } finally {
    await server.stop();
    await release();
  }
}

function mediansOf(runs: readonly Measured[]): Measured {
  const names = Object.keys(runs[0]!) as (keyof Measured)[];
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name]))])) as never;
}
