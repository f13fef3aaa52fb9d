import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { cannotTrace, runWorkload, startHelper, titleOf } from './support.ts';

/** Whether stacks are walked without the kernel here: it takes an ORC table, and bpf_task_pt_regs of Linux 5.15. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const isWalked =
  !cannotTrace &&
  readFileSync('/proc/kallsyms', 'latin1').includes(' __start_orc_unwind_ip\n') &&
  (major > 5 || (major === 5 && minor >= 15));

let folder = '';
let blocks = '';

beforeAll(() => {
  if (!isWalked) return;
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-own-walks-'));
  blocks = join(folder, 'ks-blocks');
  const source = fileURLToPath(new URL('../../fixtures/trace/blocks.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-pthread', '-o', blocks, source]);
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

async function runToEnd(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await once(child, 'exit')).toEqual([0, null]);
}

/** Traces the whole machine while it blocks in all ways that are at hand. */
async function traceAll(...args: readonly string[]): Promise<HelperFlush> {
  const helper = await startHelper(...args);
  const workload = runWorkload(
    ...['fastpipe:2000', 'futex:20', 'pipe:20', 'sleep:5', 'fsync:3', 'fastsync:50'],
    ...['spin:200', 'spin:200', 'syscalls:200', 'syscalls:200'],
  );
  const forks = 'i=0; while [ $i -lt 30 ]; do ls /proc | sort | head -n 1 >/dev/null; i=$((i + 1)); done';
  await Promise.all([runToEnd(blocks, ['10']), runToEnd('sh', ['-c', forks])]);
  const { release } = await workload;
  const flush = await helper.quit();
  await release();
  return flush;
}

/** Stacks of one process, as addresses. */
const stacksOf = (flush: HelperFlush, process: string) =>
  new Set(
    flush.entries
      .filter((entry) => entry.process === process && entry.stack !== '0')
      .map(({ stack }) => flush.stacks.get(stack)?.join(' ') ?? `no stack ${stack}`),
  );

describe.skipIf(!isWalked)(
  cannotTrace || isWalked
    ? titleOf('own walks')
    : 'own walks (skipped: the kernel has no ORC table, or is older than 5.15)',
  () => {
    test.each(['offcpu', 'offwake'])('%s: are what the kernel walks, frame by frame', async (program) => {
      const flush = await traceAll(program, '--check-walks');
      expect(flush.walksDiffer).toBe(0);
      expect(flush.stackFailed).toBe(0);
      expect(flush.sum.count).toBeGreaterThan(1000);
      // Where a module, an interrupt or a very deep stack is in the way the kernel walks.
      expect(flush.ownWalks).toBeGreaterThan(flush.sum.count / 2);
    });

    test('give the same stacks as if the kernel had walked them all', async () => {
      const flushes = [await traceAll('offcpu'), await traceAll('offcpu', '--kernel-walks')];
      const [own, kernel] = flushes;
      expect(own?.ownWalks).toBeGreaterThan(0);
      expect(kernel?.ownWalks).toBe(0);
      const [owns, kernels] = flushes.map((flush) => stacksOf(flush, 'ks-blocks'));
      const common = [...(owns ?? [])].filter((stack) => kernels?.has(stack));
      // What it waits in is the same in each run; where others take the CPU from it is not.
      expect(common.length).toBeGreaterThan(10);
    });
  },
);
