import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
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

/** What the kernel itself has counted of a thread's waiting for a CPU: nanoseconds. */
function runDelayOf({ pid, tid }: Truth): number {
  return Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[1]);
}

/** More threads that work than there are CPUs, and one that sleeps. */
const crowd = [...Array(availableParallelism() + 1).fill('spin:150'), 'sleep:10'] as readonly string[];

const countsDelays = existsSync('/proc/self/schedstat');

describe.skipIf(cannotTrace || !countsDelays)(
  countsDelays
    ? titleOf('runqlat against the truth')
    : 'runqlat against the truth (skipped: the kernel has no /proc/PID/schedstat)',
  () => {
    test.each([
      ['atomic build', []],
      ['portable build', ['--portable']],
    ])('every wait for a CPU is there once, with the time that the kernel counts: %s', async (_, args) => {
      let isHeld = false;
      // A thread with a wait of which a part is hidden cannot be held to the time; another run has other luck.
      for (let run = 0; run < 20 && !isHeld; run++) {
        const helper = await startHelper('runqlat', '--by-thread', ...args);
        const workload = await runWorkload(...crowd);
        const flushes = [await helper.flush(), await helper.quit()];
        const delays = new Map(workload.truths.map((truth) => [truth.tid, runDelayOf(truth)]));
        await workload.release();
        expectToAddUp(flushes);
        for (const { kind, tid, switches } of workload.truths) {
          const entries = entriesOf(flushes, { tid });
          // As often as it left the CPU it was given one before.
          expectSameCount(kind, sum(entries, 'count') + missedOf(flushes, tid), switches);
          expect(sum(entries, 'open')).toBe(0);
          if (kind !== 'spin' || missedOf(flushes, tid) > 0) continue;
          const delayNs = delays.get(tid) ?? 0;
          if (Math.abs(sum(entries, 'ns') - delayNs) <= delayNs * 0.05) isHeld = true;
        }
      }
      expect(isHeld).toBe(true);
    });

    test('a thread that still waits when tracing stops is reported as open', async () => {
      // Of more threads that work all the time than there are CPUs, some wait at any moment.
      const workers = Array.from({ length: 2 * availableParallelism() + 2 }, () =>
        spawn('sh', ['-c', 'while :; do :; done']),
      );
      const pids = workers.flatMap(({ pid }) => ['--pid', String(pid)]);
      try {
        let open = 0;
        for (let run = 0; run < 20 && open === 0; run++) {
          const helper = await startHelper('runqlat', ...pids);
          const flush = await helper.quit();
          expectToAddUp([flush]);
          open = sum(flush.entries, 'open');
        }
        expect(open).toBeGreaterThan(0);
      } finally {
        for (const worker of workers) {
          const exit = once(worker, 'exit');
          worker.kill('SIGKILL');
          await exit;
        }
      }
    });

    test('the filters keep to what was asked for', async () => {
      const helper = await startHelper('runqlat', '--comm', 'ks-sleep', '--min-ns', '1000');
      const workload = await runWorkload(...crowd);
      const { entries } = await helper.quit();
      await workload.release();
      for (const { process, ns, count } of entries) {
        expect(process).toBe('ks-sleep');
        expect(ns).toBeGreaterThanOrEqual(count * 1000);
      }
      await expect(startHelper('runqlat', '--state-mask', '2')).rejects.toThrow('usage');
      await expect(startHelper('runqlat', '--user-stacks')).rejects.toThrow('usage');
    });
  },
);
