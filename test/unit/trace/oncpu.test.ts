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

test('the helper is asked for a frequency where one was chosen', () => {
  expect(oncpu.helperArguments(options)).toEqual(['--min-ns', '0']);
  expect(oncpu.helperArguments({ ...options, frequencyHz: 999, pids: [7] })).toEqual(
    '--frequency 999 --min-ns 0 --pid 7'.split(' '),
  );
});
