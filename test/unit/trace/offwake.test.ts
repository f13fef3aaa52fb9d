import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
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

describe('with user stacks', async () => {
  const [both] = await replayRecording(offwake, 'offwake-user-stacks');
  const stacks = both?.records.map(({ stack }) => String(stack)) ?? [];

  test('the functions of both programs are there, root first before the kernel, leaf first behind it', () => {
    const waiting = stacks.find((stack) => stack.includes('anon_pipe_write'));
    // The recording has addresses for names: main, known_waiter and known_read; known_write, known_waker and main.
    expect(waiting?.split(';--;')).toEqual([
      '7fc84ecc424a;4016a8;401362;401323;-;entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;anon_pipe_read;schedule;__schedule',
      'try_to_wake_up;autoremove_wake_function;__wake_up_common;__wake_up_sync_key;anon_pipe_write;vfs_write;ksys_write;do_syscall_64;entry_SYSCALL_64_after_hwframe;-;401338;4013a8;40167e;7fc84ecc424a',
    ]);
  });

  test('what an interrupt wakes has those of the blocked thread alone', () => {
    const sleeping = stacks.filter((stack) => stack.includes('do_nanosleep'));
    expect(sleeping).toHaveLength(1);
    expect(waitOf(sleeping[0])).toMatch(
      /^7fc84ecc424a;40167e;401399;4012dc;-;entry_SYSCALL_64_after_hwframe;/,
    );
    expect(wakerOf(sleeping[0])).toMatch(/;asm_sysvec_apic_timer_interrupt$/);
  });
});

/** What the program makes of one entry; ids are their own texts, as runTrace reads them. */
function stackOf(user: string | undefined, waker: { kernel: string; user?: string }, open = 0): unknown {
  const common = { process: 'dd', pid: 1, stack: 'sys;wait', ns: 1, count: 1, maxNs: 1, state: 1, open };
  const details = {
    waker_stack: waker.kernel,
    ...(waker.user !== undefined && { waker_user: waker.user }),
    ...(open === 0 && { waker: 'cp' }),
  };
  const entry = { ...common, ...(user !== undefined && { user }), details };
  const texts = {
    kernel: (id: string) => (id === '0' ? '[no stack]' : id),
    user: (id: string | undefined) => (id === '0' ? undefined : id === '1' ? '[unknown]' : id),
  };
  return valueAt(offwake.toEntries({ ...first!.flush, entries: [entry] }, texts).values[3], 0);
}

test.each([
  ['without user stacks', undefined, { kernel: 'sys;wake' }, 'sys;wait;--;wake;sys'],
  ['with both', 'main;read', { kernel: 'sys;wake', user: 'm;w' }, 'main;read;-;sys;wait;--;wake;sys;-;w;m'],
  ['of the kernel', '0', { kernel: 'kthread;wake', user: '0' }, 'sys;wait;--;wake;kthread'],
  ['of programs not known', '1', { kernel: 'wake', user: '1' }, '[unknown];-;sys;wait;--;wake;-;[unknown]'],
  ['without one of the kernel', '0', { kernel: '0', user: 'm;w' }, 'sys;wait;--;[no stack];-;w;m'],
  // The helper gives none there; what it interrupted would be shown as its doing.
  ['of an interrupt', '0', { kernel: 'm;el1_irq;wake', user: 'm;w' }, 'sys;wait;--;wake;el1_irq'],
  [
    'of an interrupt, marked',
    '0',
    { kernel: 's_[k];asm_common_interrupt_[k];wake_[k]', user: 'm' },
    'sys;wait;--;wake_[k];asm_common_interrupt_[k]',
  ],
])('a stack %s', (_, user, waker, expected) => {
  expect(stackOf(user, waker)).toBe(expected);
});

test('a thread that nobody has woken has its own functions alone', () => {
  expect(stackOf('main;read', { kernel: '0', user: '0' }, 1)).toBe('main;read;-;sys;wait;--;[still blocked]');
});
