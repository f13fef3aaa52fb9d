import { expect, test } from 'vitest';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
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

test('with user stacks, what a program submits has its functions, and what the kernel writes back has none', async () => {
  const records = (await replayRecording(blockio, 'blockio-user-stacks')).flatMap((flush) => flush.records);
  const own = records.filter(({ process }) => process === 'ks-user');
  expect(own).toHaveLength(1);
  // Addresses for names: main, known_writer and known_write.
  expect(own[0]?.stack).toMatch(
    /^7fa9fc3d824a;4016da;40143d;401338;-;entry_SYSCALL_64_after_hwframe;.*;blk_account_io_start$/,
  );
  const written = records.filter(({ process }) => process !== 'ks-user');
  expect(written.length).toBeGreaterThan(0);
  for (const { process, stack } of written) {
    expect(process).toMatch(/^kworker/);
    expect(stack).toMatch(/^ret_from_fork_asm;.*wb_workfn;.*;blk_account_io_start$/);
  }
});

test('a request in an interrupt is not the doing of the program that was interrupted', async () => {
  const [recorded] = await replayRecording(blockio);
  const details = { device: 'sda', operation: 'R', bytes: 1 };
  const entry = {
    process: 'dd',
    pid: 1,
    stack: 'a',
    user: 'u',
    ns: 1,
    count: 1,
    maxNs: 1,
    state: 0,
    open: 0,
    details,
  };
  const stackOf = (kernel: string) => {
    const texts = { kernel: () => kernel, user: () => 'main' };
    return valueAt(blockio.toEntries({ ...recorded!.flush, entries: [entry] }, texts).values[4], 0);
  };
  expect(stackOf('sys;submit')).toBe('main;-;sys;submit');
  expect(stackOf('sys;asm_common_interrupt;submit')).toBe('asm_common_interrupt;submit');
});
