import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { blockio } from '../../../src/core/trace/blockio.ts';
import { numberDetail, textDetail } from '../../../src/core/trace/entry-details.ts';
import type { HelperEntry, HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { runTrace } from '../../../src/core/trace/run-trace.ts';
import { foldStack, readKernelSymbols } from '../../../src/core/trace/symbolize.ts';
import type { TraceOptions } from '../../../src/core/trace/trace-program.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectToAddUp } from './expect-to-add-up.ts';
import { cannotTrace, startHelper, sum, titleOf } from './support.ts';
import { compileUserStacks, runToEnd } from './user-stacks-program.ts';

const folder = mkdtempSync('/var/tmp/kernelscope-blockio-');
const backing = join(folder, 'disk');
writeFileSync(backing, '');
truncateSync(backing, 16 << 20);

/** A block device of the test's own, where one can be made: requests to it are those of the test, and no others. */
const loop = spawnSync('losetup', ['--find', '--show', backing], { encoding: 'utf8' });
const device = loop.status === 0 ? loop.stdout.trim() : '';
const name = device.replace('/dev/', '');
const withoutDevice = device === '' ? (loop.stderr ?? '').trim() || 'there is no losetup' : undefined;

afterAll(() => {
  if (device !== '') spawnSync('losetup', ['--detach', device]);
  rmSync(folder, { recursive: true });
});

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  expect(status, error?.message ?? stderr).toBe(0);
}

const write = (blocks: number) =>
  run('dd', 'if=/dev/zero', `of=${device}`, 'bs=64k', `count=${blocks}`, 'oflag=direct');
const read = (blocks: number) =>
  run('dd', `if=${device}`, 'of=/dev/null', 'bs=64k', `count=${blocks}`, 'iflag=direct');

/** Entries of the test's device, of one operation. */
function entriesOn(flushes: readonly HelperFlush[], operation: string): readonly HelperEntry[] {
  return flushes
    .flatMap(({ entries }) => entries)
    .filter((entry) => textDetail(entry, 'device') === name && textDetail(entry, 'operation') === operation);
}

const bytesOf = (entries: readonly HelperEntry[]) =>
  entries.reduce((total, entry) => total + numberDetail(entry, 'bytes'), 0);

describe.skipIf(cannotTrace || withoutDevice !== undefined)(
  withoutDevice === undefined
    ? titleOf('blockio against the truth')
    : `blockio against the truth (skipped: no loop device: ${withoutDevice})`,
  () => {
    test.each([
      ['atomic build', []],
      ['portable build', ['--portable']],
      ['tracepoints of before 6.5', ['--walk-out']],
      ['with user stacks', ['--user-stacks']],
    ])('every request is there once, with its bytes, its operation and who made it: %s', async (_, args) => {
      const helper = await startHelper('blockio', '--comm', 'dd', '--comm', 'blkdiscard', ...args);
      write(32);
      const flushes = [await helper.flush()];
      read(64);
      run('blkdiscard', '--offset', '0', '--length', '65536', device);
      flushes.push(await helper.quit());
      expectToAddUp(flushes, 'orBefore');
      for (const [operation, requests, process] of [
        ['W', 32, 'dd'],
        ['R', 64, 'dd'],
        ['D', 1, 'blkdiscard'],
      ] as const) {
        const entries = entriesOn(flushes, operation).filter((entry) => entry.process === process);
        // Those whose end this machine has hidden from BPF are counted as such, or as under way still.
        const missed = sum(
          flushes.flatMap((flush) => flush.missed).filter((entry) => entry.process === process),
          'count',
        );
        const seen = sum(entries, 'count');
        expect({ operation, complete: seen >= requests - missed && seen <= requests }).toEqual({
          operation,
          complete: true,
        });
        expect(bytesOf(entries)).toBe(seen * 65_536);
      }
    });

    test('a stack is that of who submits the request', async () => {
      const helper = await startHelper('blockio', '--comm', 'dd');
      read(16);
      const flush = await helper.quit();
      const symbols = readKernelSymbols();
      const entries = blockio.toEntries(flush, {
        kernel: (id) => foldStack(symbols, flush.stacks.get(id) ?? []),
        user: () => undefined,
      });
      const [devices = [], operations = [], , , stacks = []] = plainValues(entries);
      const submitting = Array.from({ length: entries.length }, (_, i) => i).filter(
        (i) => devices[i] === name && operations[i] === 'R',
      );
      expect(submitting.length).toBeGreaterThan(0);
      for (const i of submitting) {
        expect(stacks[i]).toMatch(/;(ksys_read|vfs_read);.*submit_bio/);
        expect(stacks[i]).not.toMatch(/bpf/);
      }
    });

    test.each([
      ['atomic build', []],
      ['portable build', ['--portable']],
      ['tracepoints of before 6.5', ['--walk-out']],
    ])('user stacks are those of the program that submits the request: %s', async (_, args) => {
      const { folder: programs, program } = compileUserStacks();
      const traced = {
        ...blockio,
        helperArguments: (options: TraceOptions) => [...blockio.helperArguments(options), ...args],
      };
      const options = { thresholdUs: 0, intervalMs: 600_000, pids: [], comms: ['ks-user'], userStacks: true };
      const controller = new AbortController();
      let working: Promise<unknown> = Promise.resolve();
      const begin = () => {
        working = runToEnd(program, ['write', device]);
        void working.catch(() => {}).then(() => controller.abort());
      };
      const texts: string[] = [];
      for await (const { entries } of runTrace(traced, options, controller.signal, begin)) {
        const [devices = [], operations = [], , , stacks = []] = plainValues(entries);
        for (let i = 0; i < entries.length; i++)
          if (devices[i] === name && operations[i] === 'W') texts.push(String(stacks[i]));
      }
      rmSync(programs, { recursive: true });
      await working;
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts)
        expect(text).toMatch(/(^|;)main;known_writer;known_write;-;[^;]+;(.*;)?vfs_write;.*submit_bio/);
    });

    test('what a thread of the kernel submits has no user stack', async () => {
      const helper = await startHelper('blockio', '--user-stacks', '--threads', 'kernel');
      const flushes: HelperFlush[] = [];
      // What was written into the page cache is written back by whoever is first: a thread of the kernel, or sync.
      for (
        let tries = 0;
        tries < 50 &&
        sum(
          flushes.flatMap(({ entries }) => entries),
          'count',
        ) === 0;
        tries++
      ) {
        run('dd', 'if=/dev/zero', `of=${join(folder, 'written')}`, 'bs=64k', 'count=64');
        run('sync');
        flushes.push(await helper.flush());
      }
      flushes.push(await helper.quit());
      expectToAddUp(flushes, 'orBefore');
      const users = flushes.flatMap(({ entries }) => entries.map(({ user }) => user));
      expect(new Set(users)).toEqual(new Set(['0']));
      expect(flushes.flatMap(({ userStacks }) => [...userStacks])).toEqual([]);
    });

    test('the filters keep to what was asked for', async () => {
      const quick = await startHelper('blockio', '--comm', 'dd', '--max-ns', '1');
      const other = await startHelper('blockio', '--comm', 'nobody');
      read(16);
      expect((await quick.quit()).entries).toEqual([]);
      expect((await other.quit()).entries).toEqual([]);
      await expect(startHelper('blockio', '--state-mask', '2')).rejects.toThrow('usage');
    });
  },
);
