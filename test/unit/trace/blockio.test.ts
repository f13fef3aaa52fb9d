import { expect, test } from 'vitest';
import { blockio } from '../../../src/core/trace/blockio.ts';
import { replayRecording } from '../../support/replay-recording.ts';

test('requests are told apart by device, operation and who submitted them', async () => {
  const flushes = await replayRecording(blockio);
  const records = flushes.flatMap((flush) => flush.records);
  expect(
    records.map(({ device, operation, process, count, bytes }) => [device, operation, process, count, bytes]),
  ).toEqual([
    ['loop0', 'W', 'dd', 8, 8 * 65_536],
    ['loop0', 'R', 'blkdiscard', 34, 344_064],
    ['loop0', 'R', 'dd', 4, 4 * 65_536],
    ['loop0', 'D', 'blkdiscard', 1, 4096],
  ]);
});

test('a stack ends in the function of the kernel that told of the request', async () => {
  for (const { records } of await replayRecording(blockio)) {
    for (const { stack } of records)
      expect(stack).toMatch(/^entry_SYSCALL_64_after_hwframe;do_syscall_64;.*;blk_account_io_start$/);
  }
});
