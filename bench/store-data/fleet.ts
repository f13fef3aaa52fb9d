import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { makeEntries } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/offcputime.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { seededRandom } from '../markov-stacks.ts';

const recording = new URL('../../test/fixtures/recordings/offcpu-real.tsv.gz', import.meta.url);

/** Raise it when the same parameters make other data: databases built before are then built again. */
export const FLEET_VERSION = 3;

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;
/** 2026-01-05 00:00 UTC, a Monday. */
export const START_US = 1_767_571_200_000_000;

const HOSTS = 50;
/** Hosts of a role run the same programs: their rankings of the recorded (process, stack) pairs are the same. */
const ROLES = ['build', 'database', 'file', 'mail', 'web'] as const;
const ENTRIES_PER_POST = { min: 2700, max: 3300 } as const;
/** Chosen so that 36 % of a post's entries differ in more than their pid, as in what real hosts sent. */
const ZIPF_EXPONENT = 0.9;
/** How far the rankings of the roles differ, in powers of e of a pair's rank. */
const RANK_SPREAD = 1.5;
/** Standard deviation of the logarithm of elapsed, about the mean that was recorded for the pair. */
const ELAPSED_SIGMA = 1;
/** Thread groups of one program on one host. */
const PIDS_PER_PROCESS = 64;
const MAX_PID = 4_000_000;
const SEED = 1;

/** How much data, over which time. The same parameters make the same data. */
export interface FleetParameters {
  /** Entries in all; the last post is cut short. */
  readonly rows: number;
  readonly spanUs: number;
  /** Microseconds since 1970 UTC; `START_US` where absent. */
  readonly startUs?: number;
}

interface Pair {
  readonly process: string;
  readonly stack: string;
  readonly meanElapsedNs: number;
  readonly count: number;
}

interface Role {
  readonly pairs: readonly Pair[];
  /** Rising to 1. */
  readonly cumulative: Float64Array;
}

/** How many posts the parameters make: a post has 3,000 entries in the mean. */
export function countPosts({ rows }: FleetParameters): number {
  return Math.max(1, Math.round((rows * 2) / (ENTRIES_PER_POST.min + ENTRIES_PER_POST.max)));
}

/**
 * Makes the posts of a fleet, in order of time: 50 hosts in five roles, each post of some 3,000 entries drawn by
 * Zipf's law over the recorded pairs of process and stack. Hosts take turns, so that each posts over the whole span.
 */
export function* fleetBatches(parameters: FleetParameters): Generator<Batch> {
  const roles = readRoles();
  const posts = countPosts(parameters);
  const { rows, spanUs, startUs = START_US } = parameters;
  let left = rows;
  for (let post = 0; left > 0; post++) {
    // The entries drawn are what is asked for: posts go on at the same pace where they came out a little smaller.
    const timeUs = startUs + Math.min(Math.floor((post * spanUs) / posts), spanUs - 1);
    const batch = makeBatch(post, timeUs, left, roles);
    left -= batch.entries[0]!.length;
    yield batch;
  }
}

/** One post by its place in the order, with at most `mostEntries`. */
function makeBatch(post: number, timeUs: number, mostEntries: number, roles: readonly Role[]): Batch {
  const random = seededRandom(SEED + Math.imul(post, 0x9e3779b1));
  const host = post % HOSTS;
  const role = roles[host % ROLES.length]!;
  const { min, max } = ENTRIES_PER_POST;
  const length = Math.min(mostEntries, min + Math.floor(random() * (max - min + 1)));
  const processes = new Array<string>(length);
  const pids = new Array<number>(length);
  const stacks = new Array<string>(length);
  const elapsedNs = new Array<number>(length);
  for (let entry = 0; entry < length; entry++) {
    const place = findPlace(role.cumulative, random());
    const pair = role.pairs[place]!;
    processes[entry] = pair.process;
    pids[entry] = pidOf(host, pair.process, Math.floor(random() * PIDS_PER_PROCESS));
    stacks[entry] = pair.stack;
    elapsedNs[entry] = drawElapsedNs(pair.meanElapsedNs, random);
  }
  return {
    hostname: `${ROLES[host % ROLES.length]}-${String(host).padStart(2, '0')}`,
    timeUs,
    labels: { kernel: host % 3 === 0 ? 'v6.11' : 'v6.12' },
    lost: random() < 0.01 ? Math.ceil(random() * 100) : 0,
    entries: [makeEntries({ category: offcputime, length, values: [processes, pids, stacks, elapsedNs] })],
  };
}

function pidOf(host: number, process: string, instance: number): number {
  let hash = host + 1;
  for (let at = 0; at < process.length; at++) hash = Math.imul(hash ^ process.charCodeAt(at), 0x01000193);
  return 300 + (((hash >>> 0) + instance * 7) % MAX_PID);
}

function drawElapsedNs(meanNs: number, random: () => number): number {
  // Box and Muller's normal; 1 - u is never 0. The mean of exp(m + sigma z) is exp(m + sigma^2 / 2).
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(
    1,
    Math.round(meanNs * Math.exp(ELAPSED_SIGMA * normal - (ELAPSED_SIGMA * ELAPSED_SIGMA) / 2)),
  );
}

function findPlace(cumulative: Float64Array, wanted: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Ranks the recorded pairs for each role: near to how often they were recorded, and each role in its own way. */
function readRoles(): readonly Role[] {
  const byCount = readPairs().sort((a, b) => b.count - a.count);
  return ROLES.map((_, number) => {
    const random = seededRandom(SEED + number);
    const ranked = byCount
      .map((pair, rank) => ({ pair, score: Math.log(rank + 1) + RANK_SPREAD * (2 * random() - 1) }))
      .sort((a, b) => a.score - b.score);
    const cumulative = new Float64Array(ranked.length);
    let sum = 0;
    for (let rank = 0; rank < ranked.length; rank++) {
      sum += (rank + 1) ** -ZIPF_EXPONENT;
      cumulative[rank] = sum;
    }
    return { pairs: ranked.map(({ pair }) => pair), cumulative: cumulative.map((value) => value / sum) };
  });
}

function readPairs(): Pair[] {
  const sums = new Map<string, { process: string; stack: string; elapsedNs: number; count: number }>();
  for (const line of gunzipSync(readFileSync(recording)).toString('utf8').split('\n')) {
    if (line === '') continue;
    const [process, , stack, elapsedNs] = line.split('\t') as [string, string, string, string];
    const key = `${process}\t${stack}`;
    const sum = sums.get(key) ?? { process, stack, elapsedNs: 0, count: 0 };
    sum.elapsedNs += Number(elapsedNs);
    sum.count++;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ elapsedNs, ...pair }) => ({
    ...pair,
    meanElapsedNs: elapsedNs / pair.count,
  }));
}
