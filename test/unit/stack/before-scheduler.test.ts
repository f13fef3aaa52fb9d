import { expect, test } from 'vitest';
import { countBeforeScheduler, findWaitPlace } from '../../../src/core/stack/before-scheduler.ts';

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
  [blocked, 4],
  [['a', 'schedule_timeout', 'schedule_[k]', '__schedule.isra.0_[k]'], 1],
  [['a', 'schedule', 'finish_task_switch.isra.0'], 1],
  [['a', 'preempt_schedule_irq', '__schedule'], 2],
  [['a', 'schedule_work'], 2],
  [['schedule', '__schedule'], 2],
  [[], 0],
])('of %j, %i frames come before those of the scheduler', (frames, count) => {
  expect(countBeforeScheduler(frames)).toBe(count);
});

test.each([
  [blocked, 'folio_wait_bit'],
  [[...blocked, '--', 'end_page_writeback', 'entry'], 'folio_wait_bit'],
  [['main', 'work'], 'work'],
  [['schedule', '__schedule'], '__schedule'],
  [['--', 'a'], 'a'],
  [[], undefined],
])('what waits in %j waits in %j', (frames, frame) => {
  expect(frames[findWaitPlace(frames)]).toBe(frame);
});
