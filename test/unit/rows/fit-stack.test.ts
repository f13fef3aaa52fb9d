import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitStack } from '../../../src/core/render/rows/fit-stack.ts';
import { cellsOf } from '../../../src/core/render/text-cells.ts';

const blocked = 'entry;do_syscall_64;vfs_read;folio_wait_bit;io_schedule;schedule;__schedule';

test.each([
  [80, blocked],
  [52, 'entry;do_syscall_64;vfs_read;folio_wait_bit;… [7]'],
  [40, '…;vfs_read;folio_wait_bit;… [7]'],
  [24, '…;folio_wait_bit;… [7]'],
  [18, 'folio_wait_bit [7]'],
  [16, '…;folio_wait_bit'],
  [8, 'folio_w…'],
])('a stack of a blocked thread in %i cells', (width, text) => {
  expect(fitStack(blocked, width)).toBe(text);
});

test('one with a waker', () => {
  const woken = `${blocked};--;try_to_wake_up;folio_wake_bit;irq_exit`;
  expect(fitStack(woken, 60)).toBe('entry;do_syscall_64;vfs_read;folio_wait_bit;--;… [11]');
  expect(fitStack(woken, 30)).toBe('…;folio_wait_bit;--;… [11]');
});

test('one that is not blocked, one of a single frame, and one of the scheduler alone', () => {
  expect(fitStack('main;work;spin_lock', 17)).toBe('…;spin_lock [3]');
  expect(fitStack('main;schedule', 10)).toBe('main [2]');
  expect(fitStack('a_long_function', 8)).toBe('a_long_…');
  expect(fitStack('schedule;__schedule', 14)).toBe('__schedule [2]');
});

test('nothing is ever wider than the width', () => {
  const frame = fc.constantFrom(
    'a',
    'main',
    'schedule',
    '__schedule',
    'io_schedule',
    'folio_wait_bit',
    '漢字',
  );
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (frames, width) => {
      expect(cellsOf(fitStack(frames.join(';'), width))).toBeLessThanOrEqual(width);
    }),
  );
});
