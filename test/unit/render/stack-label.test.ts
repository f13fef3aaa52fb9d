import { expect, test } from 'vitest';
import { stackLabel } from '../../../src/core/render/stack-label.ts';

const blocked = [
  'entry',
  'do_syscall_64',
  'vfs_read',
  'folio_wait_bit',
  'io_schedule',
  'schedule',
  '__schedule',
];

test.each([
  [100, 'entry > do_syscall_64 > vfs_read > folio_wait_bit > io_schedule > schedule > __schedule'],
  [60, 'entry > do_syscall_64 > vfs_read > folio_wait_bit > …'],
  [45, 'entry > … > vfs_read > folio_wait_bit > …'],
  [34, 'entry > … > folio_wait_bit > …'],
  [20, '… > folio_wait_bit > …'],
])('a stack of a blocked thread in %i cells', (cells, label) => {
  expect(stackLabel(blocked, cells)).toBe(label);
});

test('stacks of little else', () => {
  expect(stackLabel(['schedule', '__schedule'], 5)).toBe('… > __schedule');
  expect(stackLabel(['kthread', 'schedule', '__schedule'], 12)).toBe('kthread > …');
  expect(stackLabel(['kthread', 'schedule', '__schedule'], 5)).toBe('kthread > …');
  expect(stackLabel([], 5)).toBe('(no frames)');
});

const woken = [...blocked, '--', 'try_to_wake_up', 'folio_wake_bit', 'bio_endio', 'irq_exit'];

test.each([
  [200, woken.join(' > ')],
  [90, '… > do_syscall_64 > vfs_read > folio_wait_bit > … -- … > folio_wake_bit > bio_endio > …'],
  [60, '… > vfs_read > folio_wait_bit > … -- … > folio_wake_bit > …'],
  [10, '… > folio_wait_bit > … -- … > folio_wake_bit > …'],
])('a stack with its waker in %i cells', (cells, label) => {
  expect(stackLabel(woken, cells)).toBe(label);
});
