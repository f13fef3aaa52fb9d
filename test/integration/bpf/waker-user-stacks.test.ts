import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerFrames } from '../../../src/core/trace/caller-frames.ts';
import { textDetail } from '../../../src/core/trace/entry-details.ts';
import { offwake } from '../../../src/core/trace/offwake.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import { foldStack, readKernelSymbols } from '../../../src/core/trace/symbolize.ts';
import type { TraceOptions } from '../../../src/core/trace/trace-program.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectToAddUp } from './expect-to-add-up.ts';
import { cannotTrace, runWorkload, startHelper, titleOf } from './support.ts';
import { compileUserStacks, runToEnd } from './user-stacks-program.ts';

let folder = '';
let program = '';

beforeAll(() => {
  if (!cannotTrace) ({ folder, program } = compileUserStacks());
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

interface Row {
  readonly pid: number;
  readonly waker: string | null;
  /** Of the blocked thread. */
  readonly wait: string;
  readonly wakerStack: string;
}

/** Traces a program that waits for another process, which wakes it, and gives the id of the first with all rows. */
async function traceWake(
  args: readonly string[],
  more: Partial<TraceOptions> = {},
): Promise<{ readonly pid: number; readonly rows: readonly Row[] }> {
  const traced = {
    ...offwake,
    helperArguments: (options: TraceOptions) => [...offwake.helperArguments(options), ...args],
  };
  const options = { thresholdUs: 0, intervalMs: 600_000, pids: [], comms: ['ks-user'], userStacks: true };
  const controller = new AbortController();
  let working = Promise.resolve(0);
  const begin = () => {
    working = runToEnd(program, ['wake']);
    void working.catch(() => {}).then(() => controller.abort());
  };
  const rows: Row[] = [];
  for await (const { entries } of runTrace(traced, { ...options, ...more }, controller.signal, begin)) {
    const [, pids = [], wakers = [], stacks = []] = plainValues(entries);
    for (let i = 0; i < entries.length; i++) {
      const [wait = '', wakerStack = ''] = String(stacks[i]).split(';--;');
      rows.push({ pid: Number(pids[i]), waker: wakers[i] as string | null, wait, wakerStack });
    }
  }
  return { pid: await working, rows };
}

/** Tells by names whose doing it is that the kernel is in this stack; undefined where they do not tell. */
function kindOfCaller(stack: string): 'interrupt' | 'kernelThread' | 'program' | undefined {
  const { frames, isInterrupt } = callerFrames(stack);
  if (isInterrupt) return 'interrupt';
  if (frames.includes('kthread')) return 'kernelThread';
  return /^(entry_SYSCALL_64|el0t_64_sync|el0_sync)/.test(frames[0] ?? '') ? 'program' : undefined;
}

describe.skipIf(cannotTrace)(titleOf('user stacks of offwake'), () => {
  test.each([
    ['atomic build', []],
    ['portable build', ['--portable']],
  ])('are those of who waits and of who wakes it: %s', async (_, args) => {
    const { pid, rows } = await traceWake(args);
    const woken = rows.filter((row) => row.pid === pid && /pipe_write/.test(row.wakerStack));
    expect(woken.length).toBeGreaterThan(0);
    for (const { waker, wait, wakerStack } of woken) {
      expect(waker).toBe('ks-user');
      expect(wait).toMatch(
        /(^|;)main;(wait_and_wake;)?known_waiter;known_read;-;[^;]+;.*pipe_read.*;__schedule$/,
      );
      expect(wakerStack).toMatch(/^try_to_wake_up;.*;-;known_write;known_waker;(wait_and_wake;)?main(;|$)/);
    }
    // What a timer wakes has its own functions, and none of what the timer interrupted.
    const slept = rows.filter((row) => row.pid !== pid && /nanosleep/.test(row.wait));
    expect(slept.length).toBeGreaterThan(0);
    for (const { waker, wait, wakerStack } of slept) {
      expect(wait).toMatch(/;known_waker;known_leaf;-;[^;]+;.*nanosleep/);
      if (waker === '[interrupt]') expect(wakerStack).not.toMatch(/;-;/);
    }
    expect(slept.map(({ waker }) => waker)).toContain('[interrupt]');
  });

  test('are marked, if that is asked for', async () => {
    const { pid, rows } = await traceWake([], { marks: true });
    const woken = rows.filter((row) => row.pid === pid && /pipe_write/.test(row.wakerStack));
    expect(woken.length).toBeGreaterThan(0);
    for (const { wakerStack } of woken)
      expect(wakerStack).toMatch(/^try_to_wake_up_\[k\];([^;]+_\[k\];)+-;known_write;known_waker;/);
    const slept = rows.filter((row) => row.pid !== pid && /nanosleep/.test(row.wait));
    expect(slept.map(({ waker }) => waker)).toContain('[interrupt]');
  });

  test.each([
    ['atomic build', []],
    ['portable build', ['--portable']],
  ])('are there of programs in their own calls, and of nobody else: %s', async (_, args) => {
    const helper = await startHelper('offwake', '--user-stacks', ...args);
    const workload = await runWorkload('sleep:20', 'fsync:3', 'fastpipe:100', 'futex:5');
    const flush = await helper.quit();
    await workload.release();
    expectToAddUp([flush]);
    const symbols = readKernelSymbols();
    const seen = { interrupt: 0, kernelThread: 0, program: 0 };
    for (const entry of flush.entries.filter(({ open }) => open === 0)) {
      const stack = foldStack(symbols, flush.stacks.get(textDetail(entry, 'waker_stack')) ?? []);
      const kind = kindOfCaller(stack);
      if (kind === undefined) continue;
      seen[kind]++;
      expect([stack, textDetail(entry, 'waker_user') !== '0']).toEqual([stack, kind === 'program']);
    }
    expect(seen.interrupt).toBeGreaterThan(0);
    expect(seen.kernelThread).toBeGreaterThan(0);
    expect(seen.program).toBeGreaterThan(0);
  });

  test('are not there of blocked threads of the kernel', async () => {
    const helper = await startHelper('offwake', '--user-stacks', '--threads', 'kernel');
    const flush = await helper.quit();
    expect(flush.entries.length).toBeGreaterThan(0);
    for (const { user } of flush.entries) expect(user).toBe('0');
  });

  test('the filters are of the blocked thread: who wakes it may be any', async () => {
    const { rows } = await traceWake([], { comms: ['ks-user'], stateMask: 1, threads: 'user' });
    expect(rows.some(({ wakerStack }) => /;-;known_write;known_waker;/.test(wakerStack))).toBe(true);
    const none = await traceWake([], { comms: ['nobody'] });
    expect(none.rows).toEqual([]);
  });
});
