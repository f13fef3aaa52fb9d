import { expect, test } from 'vitest';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
import { oncpu } from '../../../src/core/trace/oncpu.ts';
import { replayRecording } from '../../support/replay-recording.ts';

const options = { thresholdUs: 0, intervalMs: 1000, pids: [] };

test('a sample stands for its share of a second, in the kernel with a stack, and outside of it without', async () => {
  const [first] = await replayRecording(oncpu);
  const periodNs = Math.floor(1e9 / 99);
  expect(first?.records).toEqual([
    {
      process: 'dd',
      pid: 17990,
      stack: 'entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero',
      samples: 14,
      elapsed: 14 * periodNs,
    },
    { process: 'ks-spin', pid: 18004, stack: '[user]', samples: 15, elapsed: 15 * periodNs },
  ]);
});

/** What the program makes of one entry whose stacks read so; `[no stack]` is what the id 0 reads. */
function stackOf(entry: { stack: string; user?: string; in_user: number; leaf: string }): unknown {
  const { stack, user, ...details } = entry;
  const common = { process: 'dd', pid: 1, stack, ns: 1, count: 1, maxNs: 1, state: 0, open: 0 };
  const kernel = (id: string) => (id === '0' ? '[no stack]' : id);
  const texts = { kernel, user: (id: string | undefined) => (id === '0' ? undefined : id) };
  const flush = {
    ...recorded!.flush,
    entries: [{ ...common, ...(user !== undefined && { user }), details }],
  };
  return valueAt(oncpu.toEntries(flush, texts).values[2], 0);
}

const [recorded] = await replayRecording(oncpu);

test.each([
  ['below what called it', { stack: 'read', in_user: 0, leaf: 'copy' }, 'read;copy'],
  ['alone', { stack: '0', in_user: 0, leaf: 'entry' }, 'entry'],
  ['without a place for it', { stack: '0', in_user: 0, leaf: '0' }, '[no stack]'],
  ['in a program', { stack: '0', in_user: 1, leaf: '0' }, '[user]'],
  ['in a program whose functions are known', { stack: '0', user: 'main', in_user: 1, leaf: '0' }, 'main'],
  ['for a program', { stack: 'read', user: 'main', in_user: 0, leaf: 'copy' }, 'main;-;read;copy'],
  ['for a program, alone', { stack: '0', user: 'main', in_user: 0, leaf: 'entry' }, 'main;-;entry'],
  ['in a thread of the kernel', { stack: 'kthread', user: '0', in_user: 0, leaf: 'work' }, 'kthread;work'],
])('what was interrupted %s', (_, entry, expected) => {
  expect(stackOf(entry)).toBe(expected);
});

test('the helper is asked for a frequency where one was chosen', () => {
  expect(oncpu.helperArguments(options)).toEqual(['--min-ns', '0']);
  expect(oncpu.helperArguments({ ...options, frequencyHz: 999, pids: [7] })).toEqual(
    '--frequency 999 --min-ns 0 --pid 7'.split(' '),
  );
});
