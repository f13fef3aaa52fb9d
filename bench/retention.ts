import Database from 'better-sqlite3';
import type { Result } from './index.ts';
import { builtFlat } from './peers/built-peers.ts';
import { flatTime } from './peers/flat-sqlite.ts';
import { type Backend, chosenBackend, chosenRows, type Place } from './store-data/backends.ts';
import { builtBodies } from './store-data/bodies.ts';
import { runInChild } from './store-data/child.ts';
import type { PostTimes } from './store-data/children/post-bodies.ts';
import type { PruneTimes } from './store-data/children/prune-store.ts';
import { DAY_US, type FleetParameters, START_US } from './store-data/fleet.ts';
import { startLogger } from './store-data/http-server.ts';
import { judge, short } from './store-data/verdict.ts';
import { timed } from './take-turns.ts';

export const title = 'how long does it take to prune one day of ten, and what do hosts feel meanwhile?';

const DAYS = 10;
const PRUNE_GOAL_S = 1;
const POST_GOAL_MS = 500;
const CONNECTIONS = 8;
/** A steady load of 1,200 hosts. */
const POSTS_PER_SECOND = 20;
const INGESTED_ROWS = 600_000;

/** Prunes in a process of its own while a logger over the same database goes on storing at a steady pace. */
export async function run(): Promise<Result> {
  const rows = chosenRows();
  const parameters = { rows, spanUs: DAYS * DAY_US };
  const olderThanUs = START_US + DAY_US;
  const bodies = await builtBodies({
    rows: INGESTED_ROWS,
    spanUs: DAY_US,
    startUs: START_US + DAYS * DAY_US,
  });
  const undisturbed = await withLogger(chosenBackend(), parameters, (url) => postSteadily(url, bodies));
  const { posts, pruned } = await withLogger(chosenBackend(), parameters, async (url, place) => {
    const posting = postSteadily(url, bodies);
    const { result } = await runInChild<PruneTimes>('prune-store', [place.location, olderThanUs]);
    return { pruned: result, posts: await posting };
  });
  const flatMs = await timeFlatDelete(await builtFlat(parameters), olderThanUs);
  return {
    columns: ['what', 's', 'records', 'p50 of a post ms', 'p99 of a post ms', 'longest post ms'],
    rows: [
      ['logger undisturbed', '', '', ...latencies(undisturbed)],
      ['kernelscope: prune', short(pruned.wallMs / 1000), String(pruned.records), ...latencies(posts)],
      ['flat SQLite: one DELETE, which keeps writers out', short(flatMs / 1000), '', '', '', ''],
    ],
    notes: [
      `${rows} rows of ${DAYS} days, ${chosenBackend().name}; ${POSTS_PER_SECOND} posts a second over ${CONNECTIONS} connections meanwhile; space is given back, the flat file stays as large as it was`,
      judge('prune, s', pruned.wallMs / 1000, 'at most', PRUNE_GOAL_S),
      judge('p99 of a post meanwhile, ms', posts.p99Ms, 'at most', POST_GOAL_MS),
    ],
  };
}

/** Runs with a logger over a database of the fleet's rows that may be changed. */
async function withLogger<T>(
  backend: Backend,
  parameters: FleetParameters,
  use: (url: string, place: Place) => Promise<T>,
): Promise<T> {
  const place = await backend.changeable(parameters);
  const server = await startLogger(place.location);
  try {
    return await use(server.url, place);
  } finally {
    await server.stop();
    await place.release();
  }
}

async function postSteadily(url: string, bodies: string): Promise<PostTimes> {
  const { result } = await runInChild<PostTimes>('post-bodies', [url, bodies, CONNECTIONS, POSTS_PER_SECOND]);
  return result;
}

/** Times the deletion and takes it back: the file is kept for other runs. */
async function timeFlatDelete(file: string, olderThanUs: number): Promise<number> {
  const flat = new Database(file);
  flat.exec('BEGIN');
  const { wallMs } = await timed(() =>
    flat.exec(`DELETE FROM offcputime WHERE time < '${flatTime(olderThanUs)}'`),
  );
  flat.exec('ROLLBACK');
  flat.close();
  return wallMs;
}

function latencies({ p50Ms, p99Ms, maxMs }: PostTimes): string[] {
  return [p50Ms, p99Ms, maxMs].map(short);
}
