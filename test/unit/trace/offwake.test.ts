import { expect, test } from 'vitest';
import { offwake } from '../../../src/core/trace/offwake.ts';
import { replayRecording } from '../../support/replay-recording.ts';

const [first, last] = await replayRecording(offwake);
const waitOf = (stack: unknown) => String(stack).split(';--;')[0];
const wakerOf = (stack: unknown) => String(stack).split(';--;')[1];

test("a stack is that of the blocked thread, root first, and its waker's, leaf first", () => {
  const reader = first?.records.find(({ stack }) => String(stack).includes('anon_pipe_write'));
  expect(reader).toMatchObject({ process: 'ks-pipe', waker: 'ks-pipe', count: 4, elapsed: 15_548_056 });
  expect(String(reader?.stack).split(';--;')).toEqual([
    'entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;anon_pipe_read;schedule;__schedule',
    'try_to_wake_up;autoremove_wake_function;__wake_up_common;__wake_up_sync_key;anon_pipe_write;vfs_write;ksys_write;do_syscall_64;entry_SYSCALL_64_after_hwframe',
  ]);
});

test('what a timer wakes was woken by an interrupt, not by what that interrupted', () => {
  const sleeper = first?.records.find(({ process }) => process === 'ks-sleep');
  expect(sleeper).toMatchObject({ waker: '[interrupt]', count: 3 });
  expect(waitOf(sleeper?.stack)).toContain('do_nanosleep');
  expect(wakerOf(sleeper?.stack)).toMatch(
    /^try_to_wake_up;hrtimer_wakeup;.*;asm_sysvec_apic_timer_interrupt$/,
  );
});

test('what has not been woken at the end has no waker', () => {
  expect(last?.records.map(({ process, waker, count }) => [process, waker, count])).toEqual([
    ['ks-futex', null, 1],
    ['ks-pipe', null, 1],
    ['ks-sleep', null, 1],
  ]);
  for (const { stack } of last?.records ?? []) expect(stack).toMatch(/;__schedule;--;\[still blocked\]$/);
});
