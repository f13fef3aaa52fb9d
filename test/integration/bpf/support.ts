import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { extractAsset } from '../../../src/core/assets/extract-asset.ts';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import {
  type HelperEntry,
  type HelperFlush,
  type HelperMessage,
  parseHelperOutput,
} from '../../../src/core/trace/parse-helper-output.ts';
import { HELPER_ASSET } from '../../../src/core/trace/run-trace.ts';
import { whyCannotTrace } from '../../../src/core/trace/why-cannot-trace.ts';

const obstacles = await whyCannotTrace(offcpu);

/** Whether this host can trace; where not, suites are skipped under a title that says why. */
export const cannotTrace = obstacles.length > 0;

/** The title of a suite, with the reason where it is skipped. */
export function titleOf(title: string): string {
  return cannotTrace ? `${title} (skipped: ${obstacles[0]?.reason})` : title;
}

export const helperPath = cannotTrace ? '' : extractAsset(HELPER_ASSET, { executable: true });

let workload: string | undefined;

/** Compiles test/fixtures/trace/workload.c, once. */
export function workloadPath(): string {
  if (workload === undefined) {
    const source = fileURLToPath(new URL('../../fixtures/trace/workload.c', import.meta.url));
    workload = join(mkdtempSync(join(tmpdir(), 'kernelscope-workload-')), 'workload');
    execFileSync('gcc', ['-O2', '-pthread', '-o', workload, source]);
  }
  return workload;
}

/** What is known of a thread of the workload. */
export interface Truth {
  readonly kind: string;
  readonly tid: number;
  readonly pid: number;
  /** Of its work, without the sleep that it ends in. */
  readonly blockedNs: number;
  /** Of its work, by its own clock. */
  readonly cpuNs: number;
  /** All of its life, with the one that it is still asleep in. */
  readonly switches: number;
  /** Of them, those before its clock was started and after it was stopped: their time is not in `blockedNs`. */
  readonly outside: number;
}

/** A workload whose threads are done with their work, and asleep until it is released. */
export interface Workload {
  readonly truths: readonly Truth[];
  release(): Promise<void>;
}

/** Starts the workload and waits until its threads have done what they are for. */
export function runWorkload(...kinds: readonly string[]): Promise<Workload> {
  return awaitWorkload(spawn(workloadPath(), kinds, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

/** Starts the workload in a cgroup. */
export function runWorkloadIn(cgroup: string, ...kinds: readonly string[]): Promise<Workload> {
  const join = 'echo $$ >"$0/cgroup.procs" && exec "$@"';
  const args = ['-c', join, cgroup, workloadPath(), ...kinds];
  return awaitWorkload(spawn('sh', args, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

async function awaitWorkload(child: ChildProcessByStdio<Writable, Readable, null>): Promise<Workload> {
  const exit = once(child, 'exit');
  const output = await text(child.stdout);
  return {
    truths: output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Truth),
    release: async () => {
      child.stdin.end();
      await exit;
    },
  };
}

/** The helper itself, spoken to over its pipes. */
export interface RunningHelper {
  readonly process: ChildProcess;
  readonly pid: number;
  send(commands: string): void;
  next(): Promise<HelperMessage>;
  /** Asks for one flush and waits for it. */
  flush(): Promise<HelperFlush>;
  /** Stops tracing, and gives the last flush once the helper is gone. */
  quit(): Promise<HelperFlush>;
}

/** Starts the helper and waits until it traces. Throws where it does not get that far. */
export async function startHelper(...args: readonly string[]): Promise<RunningHelper> {
  const child = spawn(helperPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {});
  const messages = parseHelperOutput(child.stdout);
  const next = async () => {
    const { value, done } = await messages.next();
    if (done) throw new Error('the helper ended');
    return value;
  };
  const nextFlush = async () => {
    const message = await next();
    if (message.type !== 'flush') throw new Error(`a flush was asked for, not ${JSON.stringify(message)}`);
    return message;
  };
  const send = (commands: string) => {
    child.stdin.write(commands);
  };
  const ready = await next();
  if (ready.type !== 'ready') throw new Error(`the helper does not start: ${JSON.stringify(ready)}`);
  return {
    process: child,
    pid: child.pid as number,
    send,
    next,
    flush: () => {
      send('f\n');
      return nextFlush();
    },
    quit: async () => {
      const exit = once(child, 'close');
      send('q\n');
      const flush = await nextFlush();
      await exit;
      return flush;
    },
  };
}

/** Runs the helper on closed input and gives what it said and how it ended. */
export async function runHelper(
  args: readonly string[],
  options: { readonly path?: string; readonly uid?: number; readonly input?: string } = {},
): Promise<{ readonly messages: readonly HelperMessage[]; readonly exitCode: number | null }> {
  const { path = helperPath, uid, input = '' } = options;
  const child = spawn(path, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const messages: HelperMessage[] = [];
  const exit = once(child, 'close');
  for await (const message of parseHelperOutput(child.stdout)) messages.push(message);
  await exit;
  return { messages, exitCode: child.exitCode };
}

/** Entries that belong to one thread, or to a process where threads are not kept apart. */
export function entriesOf(
  flushes: readonly HelperFlush[],
  task: { readonly tid?: number; readonly pid?: number },
): readonly HelperEntry[] {
  return flushes
    .flatMap(({ entries }) => entries)
    .filter(
      (entry) =>
        (task.tid === undefined || entry.tid === task.tid) &&
        (task.pid === undefined || entry.pid === task.pid),
    );
}

/**
 * What the kernel counted of a thread and what was seen of it are the same, but for one at most: the kernel may be in the
 * middle of its count when it is asked.
 */
export function expectSameCount(kind: string, seen: number, counted: number): void {
  expect(Math.abs(seen - counted), `${kind}: ${seen} seen, ${counted} counted`).toBeLessThanOrEqual(1);
}

/** How many blocks of a thread ended unseen. */
export function missedOf(flushes: readonly HelperFlush[], tid: number): number {
  return sum(
    flushes.flatMap(({ missed }) => missed).filter((missed) => missed.tid === tid),
    'count',
  );
}

/** By how much of it the time of each thread is off; without threads that had a block whose time is not known, or not in the truth. */
export function timeErrors(
  flushes: readonly HelperFlush[],
  truths: readonly Truth[],
): ReadonlyMap<string, number> {
  const errors = new Map<string, number>();
  for (const { kind, tid, blockedNs, outside } of truths) {
    if (missedOf(flushes, tid) > 0 || outside > 0) continue;
    const ended = entriesOf(flushes, { tid }).filter(({ open }) => open === 0);
    const offNs = Math.abs(sum(ended, 'ns') - blockedNs);
    errors.set(kind, offNs / blockedNs);
  }
  return errors;
}

/** The middle one of some numbers, the higher of two; infinity where there are none. */
export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.POSITIVE_INFINITY;
}

export function sum<K extends string>(items: readonly { readonly [P in K]: number }[], field: K): number {
  return items.reduce((total, item) => total + item[field], 0);
}

/** Finds the children of a process, by its id. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // The name, in parentheses, may hold anything; after it come the state and the parent.
        return Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}
