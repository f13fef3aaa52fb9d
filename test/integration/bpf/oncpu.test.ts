import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { numberDetail } from '../../../src/core/trace/entry-details.ts';
import { oncpu } from '../../../src/core/trace/oncpu.ts';
import type { HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import { foldStack, readKernelSymbols } from '../../../src/core/trace/symbolize.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectToAddUp } from './expect-to-add-up.ts';
import { cannotTrace, entriesOf, runWorkload, startHelper, sum, titleOf } from './support.ts';

const FREQUENCY = 2000;
const PERIOD_NS = 1e9 / FREQUENCY;

describe.skipIf(cannotTrace)(titleOf('oncpu against the truth'), () => {
  test.each([
    ['atomic build', []],
    ['portable build', ['--portable']],
  ])('samples what works, where it works, and as much as it works: %s', async (_, args) => {
    const helper = await startHelper('oncpu', '--by-thread', '--frequency', String(FREQUENCY), ...args);
    const workload = await runWorkload('spin:600', 'syscalls:600', 'sleep:5');
    const flushes = [await helper.flush(), await helper.quit()];
    await workload.release();
    expectToAddUp(flushes);
    for (const { ns, count, maxNs } of flushes.flatMap(({ entries }) => entries)) {
      expect(ns).toBe(count * PERIOD_NS);
      expect(maxNs).toBe(PERIOD_NS);
    }
    for (const { kind, tid, cpuNs } of workload.truths) {
      if (kind === 'sleep') continue;
      const entries = entriesOf(flushes, { tid });
      // The clock of a machine that waits for its host is late, and what it missed then counts as one.
      const share = sum(entries, 'ns') / cpuNs;
      expect(share, kind).toBeGreaterThan(0.3);
      expect(share, kind).toBeLessThan(2);
      const inUser = entries.filter((entry) => numberDetail(entry, 'in_user') === 1);
      const userShare = sum(inUser, 'count') / sum(entries, 'count');
      if (kind === 'spin') expect(userShare).toBeGreaterThan(0.5);
      else expect(userShare).toBeLessThan(0.5);
    }
  });

  test('a stack ends in the function that was interrupted', async () => {
    const helper = await startHelper('oncpu', '--frequency', String(FREQUENCY), '--comm', 'ks-syscalls');
    const workload = await runWorkload('syscalls:300');
    const flush: HelperFlush = await helper.quit();
    await workload.release();
    const symbols = readKernelSymbols();
    const entries = oncpu.toEntries(flush, {
      kernel: (id) => foldStack(symbols, flush.stacks.get(id) ?? []),
      user: () => undefined,
    });
    const stacks = (plainValues(entries)[2] ?? []).map(String).filter((stack) => stack !== '[user]');
    expect(stacks.some((stack) => /;vfs_read;.*zero/.test(stack))).toBe(true);
    // The sampling itself is in none.
    for (const stack of stacks) expect(stack).not.toMatch(/perf_swevent|oncpu_sample/);
  });

  test('with --user-stacks the functions of a program are there, root first, without or before those of the kernel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kernelscope-burn-'));
    const program = join(folder, 'burn');
    const source = fileURLToPath(new URL('../../fixtures/trace/burn.c', import.meta.url));
    execFileSync('gcc', [
      '-O1',
      '-fno-omit-frame-pointer',
      // Gcc leaves frame records out of functions that call none on arm64.
      '-mno-omit-leaf-frame-pointer',
      '-fno-optimize-sibling-calls',
      '-o',
      program,
      source,
    ]);
    const child = spawn(program);
    const exit = once(child, 'exit');
    const options = { thresholdUs: 0, intervalMs: 200, pids: [child.pid as number], userStacks: true };
    const burning: string[] = [];
    try {
      // However little of a CPU it is given, it is sampled some time.
      for await (const { entries } of runTrace(oncpu, { ...options, frequencyHz: FREQUENCY })) {
        const [processes = [], , stacks = []] = plainValues(entries);
        for (const process of processes) expect(process).toBe('burn');
        burning.push(...stacks.map(String).filter((stack) => stack.split(';-;')[0]?.endsWith(';outer;burn')));
        if (burning.some((stack) => !stack.includes(';-;'))) break;
      }
    } finally {
      child.kill('SIGKILL');
      await exit;
      rmSync(folder, { recursive: true });
    }
    for (const stack of burning) expect(stack).toMatch(/(^|;)main;outer;burn(;-;[^;]+.*)?$/);
  });

  test('the filters keep to what was asked for, and an idle CPU is never there', async () => {
    const all = await startHelper('oncpu', '--frequency', String(FREQUENCY));
    const one = await startHelper('oncpu', '--frequency', String(FREQUENCY), '--comm', 'ks-spin');
    const workload = await runWorkload('spin:200', 'syscalls:200');
    const everything = await all.quit();
    const spinning = await one.quit();
    await workload.release();
    expect(everything.entries.filter(({ pid }) => pid === 0)).toEqual([]);
    expect(new Set(spinning.entries.map(({ process }) => process))).toEqual(new Set(['ks-spin']));
  });

  test.each([
    ['--frequency', '0'],
    ['--frequency', '10001'],
    ['--state-mask', '2'],
    ['--idle-if-known', 'worker_thread'],
  ])('what makes no sense is refused: %s %s', async (...args) => {
    await expect(startHelper('oncpu', ...args)).rejects.toThrow('usage');
  });
});
