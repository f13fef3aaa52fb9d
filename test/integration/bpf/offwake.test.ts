import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { offwake } from '../../../src/core/trace/offwake.ts';
import type { HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { foldStack, readKernelSymbols } from '../../../src/core/trace/symbolize.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectToAddUp } from './expect-to-add-up.ts';
import {
  cannotTrace,
  entriesOf,
  expectSameCount,
  missedOf,
  runWorkload,
  startHelper,
  sum,
  type Truth,
  titleOf,
} from './support.ts';

const ms = 1_000_000;

/** How often the thread has gone to sleep, by the kernel's own count. */
function sleepsOf({ pid, tid }: Truth): number {
  const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
}

/** The records that the program makes of the flushes, by the names of their columns. */
function recordsOf(flushes: readonly HelperFlush[]) {
  const symbols = readKernelSymbols();
  const stacks = new Map(flushes.flatMap((flush) => [...flush.stacks]));
  return flushes.flatMap((flush) => {
    const entries = offwake.toEntries(flush, {
      kernel: (id) => foldStack(symbols, stacks.get(id) ?? []),
      user: () => undefined,
    });
    const [processes = [], pids = [], wakers = [], texts = [], elapsed = [], counts = []] =
      plainValues(entries);
    return Array.from({ length: entries.length }, (_, i) => ({
      process: String(processes[i]),
      pid: pids[i],
      waker: wakers[i] === null ? null : String(wakers[i]),
      wait: String(texts[i]).split(';--;')[0] ?? '',
      wakerStack: String(texts[i]).split(';--;')[1] ?? '',
      elapsed: Number(elapsed[i]),
      count: Number(counts[i]),
    }));
  });
}

describe.skipIf(cannotTrace)(titleOf('offwake against the truth'), () => {
  test.each([
    ['atomic build', []],
    ['portable build', ['--portable']],
    ['with user stacks', ['--user-stacks']],
  ])('every block is there once, with what it waited in and what woke it: %s', async (_, args) => {
    const helper = await startHelper('offwake', '--by-thread', ...args);
    const running = runWorkload('sleep:30', 'pipe:30', 'futex:30');
    const flushes = [await helper.flush()];
    const workload = await running;
    flushes.push(await helper.flush());
    const sleeps = workload.truths.map((truth) => [truth, sleepsOf(truth)] as const);
    flushes.push(await helper.quit());
    await workload.release();
    expectToAddUp(flushes);
    // By thread, and not by its name, for it may have been blocked before it had one.
    for (const [{ kind, tid }, blocks] of sleeps) {
      const entries = entriesOf(flushes, { tid });
      expectSameCount(kind, sum(entries, 'count') + missedOf(flushes, tid), blocks);
      expect({ kind, open: sum(entries, 'open') }).toEqual({ kind, open: 1 });
    }
    const pid = workload.truths[0]?.pid ?? 0;
    const records = recordsOf(flushes).filter((record) => record.pid === pid);
    const sleeping = records.filter(({ process, wait }) => process === 'ks-sleep' && /nanosleep/.test(wait));
    expect(new Set(sleeping.map(({ waker }) => waker))).toEqual(new Set(['[interrupt]']));
    for (const { wakerStack, elapsed, count } of sleeping) {
      expect(wakerStack).toMatch(/^try_to_wake_up;hrtimer_wakeup;/);
      // It sleeps 20 ms each time, less what it did between setting the timer and leaving the CPU.
      expect(elapsed).toBeGreaterThanOrEqual(count * 10 * ms);
    }
    expect(sum(sleeping, 'count')).toBeGreaterThan(0);
    const reading = records.filter(({ process, wait }) => process === 'ks-pipe' && /pipe_read/.test(wait));
    expect(reading.some(({ wakerStack }) => /^try_to_wake_up;.*pipe_write;/.test(wakerStack))).toBe(true);
    for (const { waker, wakerStack } of reading) {
      if (/pipe_write/.test(wakerStack)) expect(waker).toBe('ks-pipe');
    }
    const waiting = records.filter(({ process, wait }) => process === 'ks-futex' && /futex_wait/.test(wait));
    expect(waiting.some(({ wakerStack }) => /;futex_wake;/.test(wakerStack))).toBe(true);
    // No stack shows the tracing.
    for (const { wait, wakerStack } of records) expect(wait + wakerStack).not.toMatch(/bpf/);
  });

  test.each([
    ['', []],
    [', with user stacks', ['--user-stacks']],
  ])('nothing falls between two flushes, under stress%s', async (_, args) => {
    const helper = await startHelper('offwake', '--by-thread', ...args);
    const flushes: HelperFlush[] = [];
    let isDone = false;
    const flushing = (async () => {
      while (!isDone) flushes.push(await helper.flush());
    })();
    const workload = await runWorkload('fastpipe:5000', 'fastpipe:5000', 'sleep:20', 'spin:300');
    const sleeps = workload.truths.map((truth) => [truth, sleepsOf(truth)] as const);
    isDone = true;
    await flushing;
    flushes.push(await helper.quit());
    await workload.release();
    expect(flushes.length).toBeGreaterThan(3);
    expectToAddUp(flushes);
    expect(sum(flushes, 'skipped')).toBe(0);
    for (const [{ kind, tid }, blocks] of sleeps) {
      const entries = entriesOf(flushes, { tid });
      expectSameCount(kind, sum(entries, 'count') + missedOf(flushes, tid), blocks);
    }
  });

  test('the threshold and the filters are kept to, and what finds no place is counted', async () => {
    const helper = await startHelper('offwake', '--comm', 'ks-*', '--min-ns', String(15 * ms));
    const small = ['--by-thread', '--max-entries', '2', '--max-stacks', '2', '--user-stacks'];
    const crowded = await startHelper('offwake', ...small);
    const workload = await runWorkload('sleep:10', 'fastpipe:300');
    const flush = await helper.quit();
    const full = await crowded.quit();
    await workload.release();
    expect(flush.entries.length).toBeGreaterThan(0);
    for (const { process, ns, count } of flush.entries) {
      expect(process).toMatch(/^ks-/);
      expect(ns / count).toBeGreaterThanOrEqual(15 * ms);
    }
    expectToAddUp([full]);
    expect(full.lostFull).toBeGreaterThan(0);
    expect(full.stackFull).toBeGreaterThan(0);
  });
});
