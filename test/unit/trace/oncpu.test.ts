import { expect, test } from 'vitest';
import { oncpu } from '../../../src/core/trace/oncpu.ts';
import { replayRecording } from '../../support/replay-recording.ts';

const options = { thresholdUs: 0, intervalMs: 1000, pids: [] };

test('a sample stands for its share of a second, in the kernel with a stack, and outside of it without', async () => {
  const [first] = await replayRecording(oncpu);
  const periodNs = Math.floor(1e9 / 99);
  expect(first?.records).toEqual([
    { process: 'ks-spin', pid: 29047, stack: '[user]', samples: 14, elapsed: 14 * periodNs },
    {
      process: 'dd',
      pid: 29041,
      stack: 'entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero',
      samples: 14,
      elapsed: 14 * periodNs,
    },
  ]);
});

test('with user stacks the functions of a program are there, alone or before those of the kernel', async () => {
  const [recorded] = await replayRecording(oncpu);
  const flush = recorded!.flush;
  const stacksOf = (user: string, textOf: (id: string, user?: string) => string) =>
    oncpu.toEntries({ ...flush, entries: flush.entries.map((entry) => ({ ...entry, user })) }, textOf)
      .values[2];
  // As runTrace folds them.
  const fold = (id: string, user?: string) => `${user};-;${id === '0' ? '[no stack]' : 'read'}`;
  expect(new Set(stacksOf('main', fold))).toEqual(new Set(['main', 'main;-;read']));
  // A thread of the kernel has no user stack.
  expect(new Set(stacksOf('0', (id) => (id === '0' ? '[no stack]' : 'read')))).toEqual(
    new Set(['[user]', 'read']),
  );
});

test('the helper is asked for a frequency where one was chosen', () => {
  expect(oncpu.helperArguments(options)).toEqual(['--min-ns', '0']);
  expect(oncpu.helperArguments({ ...options, frequencyHz: 999, pids: [7] })).toEqual(
    '--frequency 999 --min-ns 0 --pid 7'.split(' '),
  );
});
