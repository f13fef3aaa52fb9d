import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import type { Flush } from '../../../src/core/trace/trace-program.ts';
import { plainValues } from '../../support/plain-values.ts';
import { cannotTrace, childrenOf, runWorkload, titleOf } from './support.ts';

const options = { thresholdUs: 0, intervalMs: 60_000, pids: [] };

/** The helper that this process, or another, has started. */
function helperOf(pid: number): number {
  const helper = childrenOf(pid).find((child) => {
    try {
      return readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('kernelscope');
    } catch {
      return false;
    }
  });
  if (helper === undefined) throw new Error('there is no helper');
  return helper;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts trace-child.ts in a process group of its own, and waits for the first line that it prints. */
async function startChild(intervalMs: number): Promise<{ child: ChildProcess; output: Promise<string> }> {
  const script = fileURLToPath(new URL('./trace-child.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, String(intervalMs)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    },
  );
  const { stdout } = child;
  if (stdout === null) throw new Error('it has a pipe');
  const [first] = (await once(stdout, 'data')) as [Buffer];
  return { child, output: text(stdout).then((rest) => first + rest) };
}

describe.skipIf(cannotTrace)(titleOf('runTrace'), () => {
  test('gives what a workload waited for, in the columns of the category', async () => {
    const controller = new AbortController();
    const flushes: Flush[] = [];
    const work = async () => {
      const workload = await runWorkload('sleep:20');
      controller.abort();
      await workload.release();
    };
    let working: Promise<void> | undefined;
    const traced = { ...options, comms: ['ks-*'], intervalMs: 100 };
    for await (const flush of runTrace(offcpu, traced, controller.signal)) {
      flushes.push(flush);
      working ??= work();
    }
    await working;
    const rows = flushes.flatMap(({ entries }) => {
      expect(entries.category).toBe(offcputime);
      const [processes = [], pids = [], stacks = [], elapsed = []] = plainValues(entries);
      expect([processes, pids, stacks, elapsed].map(({ length }) => length)).toEqual(
        Array(4).fill(entries.length),
      );
      return processes.map((process, i) => ({
        process,
        pid: pids[i],
        stack: String(stacks[i]),
        elapsed: Number(elapsed[i]),
      }));
    });
    // Whatever else on this machine is called ks-something is not ours to judge.
    const sleeping = rows.filter(
      ({ process, stack }) => process === 'ks-sleep' && stack.includes('nanosleep'),
    );
    expect(sleeping.length).toBeGreaterThan(0);
    for (const { stack } of sleeping) {
      expect(stack).toMatch(/^[^;]+(;[^;]+)*;schedule;__schedule$/);
    }
    // 20 sleeps of 20 ms, but for those that were lost. The timer runs for a while before the thread leaves the CPU.
    const seen = 20 - flushes.reduce((sum, { lost }) => sum + lost, 0);
    expect(seen).toBeGreaterThan(0);
    expect(sleeping.reduce((sum, { elapsed }) => sum + elapsed, 0)).toBeGreaterThanOrEqual(seen * 10_000_000);
    for (const { timeUs, totals, lost } of flushes) {
      expect(Math.abs(timeUs / 1000 - Date.now())).toBeLessThan(600_000);
      expect(lost).toBe(totals.lostCount + totals.missedIn + totals.dropped);
    }
  });

  test('ends by itself when the duration is over, with a last flush', async () => {
    const flushes: Flush[] = [];
    for await (const flush of runTrace(offcpu, { ...options, durationMs: 200 })) flushes.push(flush);
    expect(flushes).toHaveLength(1);
    expect(flushes[0]?.intervalNs).toBeGreaterThanOrEqual(200_000_000);
    expect(() => helperOf(process.pid)).toThrow('there is no helper');
  });

  test('gives one flush, the last, when it is aborted before it began', async () => {
    const flushes: Flush[] = [];
    for await (const flush of runTrace(offcpu, options, AbortSignal.abort())) flushes.push(flush);
    expect(flushes).toHaveLength(1);
  });

  test('leaves no helper behind when the caller leaves early', async () => {
    let pid = 0;
    for await (const _ of runTrace(offcpu, { ...options, intervalMs: 20 })) {
      pid = helperOf(process.pid);
      break;
    }
    expect(isThere(pid)).toBe(false);
  });

  test('says so when the helper is killed', async () => {
    const trace = async () => {
      for await (const _ of runTrace(offcpu, { ...options, intervalMs: 20 })) {
        process.kill(helperOf(process.pid), 'SIGKILL');
      }
    };
    await expect(trace()).rejects.toMatchObject({
      code: 'helper_failed',
      message: 'the trace helper was killed by SIGKILL',
    });
  });

  test('a Ctrl-C, which reaches the whole process group, ends in a flush of what was measured', async () => {
    const { child, output } = await startChild(200);
    const helper = helperOf(child.pid as number);
    // As a terminal does it; and, for good measure, the helper by itself.
    process.kill(-(child.pid as number), 'SIGINT');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
      if (isThere(helper)) process.kill(helper, signal);
    }
    const exit = once(child, 'exit');
    const lines = (await output)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    await exit;
    expect(child.exitCode).toBe(0);
    expect(lines.at(-1)).toBe('the end');
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(isThere(helper)).toBe(false);
  });

  test('the helper goes when its parent is killed', async () => {
    const { child, output } = await startChild(50);
    const helper = helperOf(child.pid as number);
    child.kill('SIGKILL');
    await output;
    while (isThere(helper)) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('the helper holds nothing of its parent but its pipes', async () => {
    for await (const _ of runTrace(offcpu, { ...options, intervalMs: 20 })) {
      const helper = helperOf(process.pid);
      expect(readFileSync(`/proc/${helper}/environ`, 'utf8')).toBe('');
      expect(readlinkSync(`/proc/${helper}/cwd`)).toBe('/');
      const held = readdirSync(`/proc/${helper}/fd`)
        .filter((fd) => Number(fd) > 2)
        .map((fd) => readlinkSync(`/proc/${helper}/fd/${fd}`));
      expect(held.filter((target) => !target.startsWith('anon_inode:'))).toEqual([]);
      break;
    }
  });
});
