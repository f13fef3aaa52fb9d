import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { idleFunctions } from '../../../src/core/trace/idle-functions.ts';
import type { HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { foldStack, readKernelSymbols } from '../../../src/core/trace/symbolize.ts';
import { parseTaskStates, RUNNABLE } from '../../../src/core/trace/task-states.ts';
import {
  cannotTrace,
  childrenOf,
  entriesOf,
  missedOf,
  runWorkload,
  startHelper,
  sum,
  type Truth,
  titleOf,
} from './support.ts';

/** Traces a run of the workload. */
async function trace(
  args: readonly string[],
  kinds: readonly string[],
): Promise<{ readonly flush: HelperFlush; readonly truths: readonly Truth[] }> {
  const helper = await startHelper('offcpu', ...args);
  const workload = await runWorkload(...kinds);
  const flush = await helper.quit();
  await workload.release();
  return { flush, truths: workload.truths };
}

/** Names of the workload's own threads; another one may run on this machine at the same time. */
const namesIn = ({ flush, truths }: { readonly flush: HelperFlush; readonly truths: readonly Truth[] }) => [
  ...new Set(entriesOf([flush], { pid: truths[0]?.pid ?? 0 }).map((entry) => entry.process)),
];

describe.skipIf(cannotTrace)(titleOf('filters of the kernel side'), () => {
  test('--min-ns keeps the long blocks, --max-ns the short ones, and both together all', async () => {
    const ms = 1_000_000;
    const kinds = ['sleep:20', 'fastpipe:200'];
    const long = await trace(['--by-thread', '--min-ns', String(15 * ms)], kinds);
    expect(long.flush.entries.length).toBeGreaterThan(0);
    for (const { ns, count } of long.flush.entries) expect(ns / count).toBeGreaterThanOrEqual(15 * ms);
    const sleeper = long.truths.find(({ kind }) => kind === 'sleep');
    const tid = sleeper?.tid ?? 0;
    const seen = sum(entriesOf([long.flush], { tid }), 'count') + missedOf([long.flush], tid);
    expect(seen).toBeGreaterThanOrEqual(20);

    const short = await trace(['--by-thread', '--max-ns', String(15 * ms)], kinds);
    expect(short.flush.entries.length).toBeGreaterThan(0);
    for (const { maxNs } of short.flush.entries) expect(maxNs).toBeLessThanOrEqual(15 * ms);
  });

  test('--pid, given twice, keeps the threads of two processes', async () => {
    const children = [1, 2, 3].map(() => spawn('sleep', ['60']));
    const [one, two] = children.map(({ pid }) => pid as number);
    const helper = await startHelper('offcpu', '--pid', String(one), '--pid', String(two));
    const { entries } = await helper.quit();
    for (const child of children) child.kill();
    // They may still have been starting, and so have blocked elsewhere too.
    expect(new Set(entries.map(({ pid }) => pid))).toEqual(new Set([one, two]));
  });

  test('--tid keeps one thread of a process', async () => {
    const helper = await startHelper('offcpu', '--by-thread', '--tid', String(process.pid));
    await once(spawn('true'), 'exit');
    const { entries } = await helper.quit();
    expect(entries.length).toBeGreaterThan(0);
    for (const { pid, tid } of entries) expect([pid, tid]).toEqual([process.pid, process.pid]);
  });

  test.each([
    [['ks-*'], ['ks-fastpipe', 'ks-sleep']],
    [['ks-sleep'], ['ks-sleep']],
    [
      ['ks-?leep', '*astpip*'],
      ['ks-fastpipe', 'ks-sleep'],
    ],
    [['ks-[!s]*'], ['ks-fastpipe']],
    [['k[a-z]-sle*p'], ['ks-sleep']],
    [['ks-slee'], []],
    [['s-sleep'], []],
    [['ks-\\*'], []],
  ])('--comm %j keeps %j', async (globs, expected) => {
    const traced = await trace(
      globs.flatMap((glob) => ['--comm', glob]),
      ['sleep:2', 'fastpipe:2'],
    );
    expect(namesIn(traced).toSorted()).toEqual(expected);
  });

  test('--state-mask keeps blocks by what the thread waited in', async () => {
    // One thread more than there are CPUs.
    const spinning = Array.from({ length: availableParallelism() + 1 }, () => 'spin:300');
    const kinds = ['sleep:5', 'fsync:10', ...spinning];
    const args = (states: string) => ['--comm', 'ks-*', '--state-mask', String(parseTaskStates(states))];
    const sleeping = await trace(args('S'), kinds);
    expect(namesIn(sleeping)).toContain('ks-sleep');
    for (const { state } of sleeping.flush.entries) expect(state & 1).toBe(1);
    const onDisk = await trace(args('D'), kinds);
    expect(namesIn(onDisk)).toContain('ks-fsync');
    for (const { state } of onDisk.flush.entries) expect(state & 2).toBe(2);
    const preempted = await trace(args('R'), kinds);
    expect(namesIn(preempted)).toContain('ks-spin');
    for (const { state } of preempted.flush.entries) expect(state).toBe(RUNNABLE);
  });

  test('idle kernel threads count as I and not as D', async () => {
    const both = await trace([], ['sleep:2']);
    expect(both.flush.entries.some(({ state }) => (state & 0x402) === 0x402)).toBe(true);
    const onDisk = await trace(['--state-mask', '2'], ['sleep:2']);
    expect(onDisk.flush.entries.filter(({ state }) => (state & 0x400) !== 0)).toEqual([]);
    const idle = await trace(['--state-mask', String(0x400)], ['sleep:2']);
    expect(idle.flush.entries.length).toBeGreaterThan(0);
    for (const { state } of idle.flush.entries) expect(state & 0x400).toBe(0x400);
  });

  test('--threads parts the kernel from programs', async () => {
    const symbols = readKernelSymbols();
    const textOf = (flush: HelperFlush, id: string) => foldStack(symbols, flush.stacks.get(id) ?? []);
    const kernel = (await trace(['--threads', 'kernel'], ['fsync:10'])).flush;
    expect(kernel.entries.length).toBeGreaterThan(0);
    for (const { stack } of kernel.entries) expect(textOf(kernel, stack)).not.toMatch(/syscall/i);
    const traced = await trace(['--threads', 'user'], ['fsync:10']);
    expect(namesIn(traced)).toContain('ks-fsync');
    const user = traced.flush;
    for (const { stack } of user.entries) expect(textOf(user, stack)).not.toMatch(/(^|;)kthread(d|;)/);
  });

  test('the helper itself is never there, and nor is an idle CPU', async () => {
    const helper = await startHelper('offcpu');
    await runWorkload('sleep:5').then((workload) => workload.release());
    const { pid } = helper;
    const { entries } = await helper.quit();
    expect(entriesOf([{ entries } as HelperFlush], { pid })).toEqual([]);
    expect(entries.filter((entry) => entry.pid === 0)).toEqual([]);
  });
});

describe.skipIf(cannotTrace)(titleOf('stacks'), () => {
  test('reach down to the scheduler and agree with a walk of the running thread', async () => {
    const symbols = readKernelSymbols();
    const stacksOf = async (...args: readonly string[]) => {
      const { flush, truths } = await trace(['--comm', 'ks-*', ...args], ['sleep:5', 'futex:5', 'pipe:5']);
      return new Set(
        entriesOf([flush], { pid: truths[0]?.pid ?? 0 })
          .filter(({ state, stack }) => state !== RUNNABLE && stack !== '0')
          .map(({ stack }) => foldStack(symbols, flush.stacks.get(stack) ?? []))
          // What preempts a thread, what it faults on, and which lock of the kernel it finds taken, is chance.
          .filter((stack) => /(nanosleep|futex|pipe_read|pause)[^;]*;schedule;__schedule(;|$)/.test(stack)),
      );
    };
    const walked = await stacksOf();
    for (const stack of walked) expect(stack).toMatch(/;schedule;__schedule$/);
    for (const leaf of ['nanosleep', 'futex', 'pipe_read', 'pause']) {
      expect([...walked].some((stack) => stack.includes(leaf))).toBe(true);
    }
    // What the kernel itself walks, from inside the thread, ends in the tracepoint's own function.
    const own = new Set(
      [...(await stacksOf('--walk-out'))].map((stack) => stack.replace(/;__schedule;.*$/, ';__schedule')),
    );
    expect([...walked].toSorted()).toEqual([...own].toSorted());
  });
});

describe.skipIf(cannotTrace)(titleOf('what is still blocked'), () => {
  test('is reported once, at the end, with all of its time, however many flushes there were', async () => {
    const helper = await startHelper('offcpu');
    const start = process.hrtime.bigint();
    const child = spawn('sleep', ['60']);
    const isAsleep = () => readFileSync(`/proc/${child.pid}/wchan`, 'utf8').includes('nanosleep');
    while (!isAsleep()) await new Promise((resolve) => setImmediate(resolve));
    const flushes = [await helper.flush(), await helper.flush()];
    const last = await helper.quit();
    const upTo = Number(process.hrtime.bigint() - start);
    child.kill();
    expect(entriesOf(flushes, { pid: child.pid as number }).filter(({ open }) => open > 0)).toEqual([]);
    const open = entriesOf([last], { pid: child.pid as number }).filter((entry) => entry.open > 0);
    expect(open).toMatchObject([{ process: 'sleep', count: 1, open: 1 }]);
    expect(open[0]?.ns).toBeGreaterThan(last.intervalNs);
    expect(open[0]?.ns).toBeLessThan(upTo);
  });

  test('is reported too if it was blocked before tracing began, with the time since then', async () => {
    const child = spawn('sleep', ['60']);
    const isAsleep = () => readFileSync(`/proc/${child.pid}/wchan`, 'utf8').includes('nanosleep');
    while (!isAsleep()) await new Promise((resolve) => setImmediate(resolve));
    const helper = await startHelper('offcpu', '--pid', String(child.pid));
    const last = await helper.quit();
    child.kill();
    expect(last.entries).toMatchObject([{ process: 'sleep', count: 1, open: 1, ns: last.intervalNs }]);
  });

  test('has its time counted once, when it ends during the trace', async () => {
    const helper = await startHelper('offcpu', '--by-thread');
    // Where the end of a block is hidden its time is not known; another sleep has other luck.
    for (let run = 0; run < 10; run++) {
      const start = process.hrtime.bigint();
      const child = spawn('sleep', ['0.3']);
      const exit = once(child, 'exit');
      const flushes = [await helper.flush(), await helper.flush()];
      await exit;
      const upTo = Number(process.hrtime.bigint() - start);
      flushes.push(await helper.flush(), await helper.flush());
      const ns = sum(entriesOf(flushes, { pid: child.pid as number }), 'ns');
      expect(ns).toBeLessThan(upTo);
      if (missedOf(flushes, child.pid as number) > 0) continue;
      // The clock that a sleep goes by may be faster than the one that switches do, by 0.05 %.
      expect(ns).toBeGreaterThanOrEqual(299_800_000);
      break;
    }
    await helper.quit();
  });
});

/** The folder that cgroups of version 2 are mounted at, where they are. */
const cgroupRoot = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1];

const withoutCgroups = cgroupRoot === undefined;

describe.skipIf(cannotTrace || withoutCgroups)(
  withoutCgroups ? 'cgroups (skipped: none of version 2 are mounted)' : titleOf('cgroups'),
  () => {
    test.each([[[]], [['--portable']]])('--cgroup keeps what is in it or below it: %j', async (args) => {
      const outer = join(cgroupRoot as string, `kernelscope-${process.pid}`);
      const inner = join(outer, 'inner');
      mkdirSync(inner, { recursive: true });
      const children = [outer, inner, undefined].map((folder) => {
        const child = spawn('sleep', ['60']);
        if (folder !== undefined) writeFileSync(join(folder, 'cgroup.procs'), String(child.pid));
        return child;
      });
      const pids = children.map(({ pid }) => pid as number);
      const seen = async (folder: string) => {
        const helper = await startHelper('offcpu', '--cgroup', folder, ...args);
        return [...new Set((await helper.quit()).entries.map(({ pid }) => pid))].toSorted();
      };
      try {
        expect(await seen(outer)).toEqual(pids.slice(0, 2).toSorted());
        expect(await seen(inner)).toEqual([pids[1]]);
      } finally {
        for (const child of children) {
          const exit = once(child, 'exit');
          child.kill('SIGKILL');
          await exit;
        }
        rmdirSync(inner);
        rmdirSync(outer);
      }
    });
  },
);

describe.skipIf(cannotTrace)(titleOf('processes that are followed'), () => {
  test('are the children that were there, and those to come, and no others', async () => {
    // A shell that has one child already, and starts one, which starts another, when it is told to. The first child blocks many
    // times over: where the end of a block is hidden that began before the trace, nothing is known of the block.
    const script =
      'while :; do sleep 0.02; done & read -r _; sh -c "sh -c \'sleep 0.2\'; true"; kill $!; wait; echo done; read -r _';
    const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    while (childrenOf(shell.pid as number).length === 0) await sleep(10);
    const [old] = childrenOf(shell.pid as number);
    const helper = await startHelper('offcpu', '--pid', String(shell.pid), '--follow');
    const before = await helper.flush();
    const done = once(shell.stdout, 'data');
    shell.stdin.write('\n');
    const stranger = spawn('sleep', ['0.2']);
    await Promise.all([once(stranger, 'exit'), done]);
    const flushes = [before, await helper.quit()];
    const exit = once(shell, 'exit');
    shell.stdin.end();
    await exit;
    // A block whose end was hidden belongs to a process as well.
    const missed = flushes.flatMap((flush) => flush.missed);
    const processes = new Set([...entriesOf(flushes, {}), ...missed].map(({ pid }) => pid));
    expect(processes.has(shell.pid as number)).toBe(true);
    expect(processes.has(old as number)).toBe(true);
    expect(processes.has(stranger.pid as number)).toBe(false);
    // The shell, its child of old, the two shells below it or what they became, and the sleep.
    expect(processes.size).toBeGreaterThanOrEqual(3);
    const isNew = ({ pid, process }: { readonly pid: number; readonly process: string }) =>
      pid !== old && process === 'sleep';
    const slept = entriesOf(flushes, {}).filter((entry) => isNew(entry) && entry.ns >= 199_900_000);
    expect(slept.length + sum(missed.filter(isNew), 'count')).toBeGreaterThanOrEqual(1);
    expect(slept.length).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(cannotTrace)(titleOf('idle threads'), () => {
  test('that wait for something to do are left out, and those that work are not', async () => {
    const symbols = readKernelSymbols();
    const leavesOf = (flush: HelperFlush) =>
      flush.entries.map(({ stack }) =>
        foldStack(symbols, flush.stacks.get(stack) ?? []).replace(
          /(;schedule_timeout)?;schedule;__schedule$/,
          '',
        ),
      );
    const all = await trace(['--threads', 'kernel'], ['sleep:2', 'fsync:10']);
    expect(leavesOf(all.flush).some((leaf) => leaf.endsWith(';worker_thread'))).toBe(true);
    const args = idleFunctions.flatMap((name) => ['--idle-if-known', name]);
    const busy = await trace(['--threads', 'kernel', ...args], ['sleep:2', 'fsync:10']);
    expect(leavesOf(busy.flush).filter((leaf) => leaf.endsWith(';worker_thread'))).toEqual([]);
    expect(leavesOf(busy.flush).filter((leaf) => leaf.endsWith(';kthreadd'))).toEqual([]);
    // Programs are not touched by the list, but by a name that the user adds.
    const sleepers = async (...idle: readonly string[]) => {
      const { flush, truths } = await trace(['--comm', 'ks-sleep', ...args, ...idle], ['sleep:5']);
      // One that is preempted on its way into the sleep is in another function.
      const entries = entriesOf([flush], { pid: truths[0]?.pid ?? 0 }).filter(
        ({ state }) => state !== RUNNABLE,
      );
      return leavesOf({ ...flush, entries }).filter((leaf) => leaf.includes('nanosleep')).length;
    };
    expect(await sleepers()).toBeGreaterThan(0);
    expect(await sleepers('--idle', 'hrtimer_nanosleep')).toBe(0);
  });

  test('a function that the kernel does not have is an error', async () => {
    await expect(startHelper('offcpu', '--idle', 'no_such_function')).rejects.toThrow('no_such_function');
  });
});
