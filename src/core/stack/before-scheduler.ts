import { wakerSeparator } from '../base/waker-separator.ts';

/**
 * Functions by which Linux threads give up the CPU, whatever they wait for: the caller says what that is, as in
 * /proc/PID/wchan, which leaves them out as well (kernel/sched/core.c, in_sched_functions).
 */
const schedulerNames = new Set([
  'schedule',
  '__schedule',
  'schedule_timeout',
  'schedule_hrtimeout_range',
  'schedule_hrtimeout_range_clock',
  'schedule_preempt_disabled',
  'io_schedule',
  'io_schedule_timeout',
  'finish_task_switch',
]);

/** Functions that a thread is woken by, whatever for: their caller says that (kernel/sched/core.c). */
const wakeUpNames = new Set([
  'try_to_wake_up',
  'wake_up_process',
  'wake_up_state',
  'wake_up_q',
  'default_wake_function',
]);

/** What compilers and stackcollapse programs put behind a function's name. */
const suffix = /(\.(isra|constprop|part|cold)(\.\d+)?)*(_\[[a-z]\])?$/;

/** Counts the frames of a stack, root first, that come before those of the scheduler at its end; all where no other is there. */
export function countBeforeScheduler(frames: readonly string[]): number {
  let count = frames.length;
  while (count > 0 && schedulerNames.has(frames[count - 1]!.replace(suffix, ''))) count--;
  return count === 0 ? frames.length : count;
}

/** Counts the frames of a waker's stack, leaf first, that say no more than that a thread is woken; none where no other is there. */
export function countWakeUp(frames: readonly string[]): number {
  const count = frames.findIndex((frame) => !wakeUpNames.has(frame.replace(suffix, '')));
  return Math.max(0, count);
}

/**
 * Finds the place of the frame that says what a blocked thread waits in: the last before those of the scheduler, in a stack
 * with its waker's behind it that of the blocked thread. Of a thread that runs it is the leaf; -1 where there is no frame.
 */
export function findWaitPlace(frames: readonly string[]): number {
  const separator = frames.indexOf(wakerSeparator);
  return countBeforeScheduler(separator > 0 ? frames.slice(0, separator) : frames) - 1;
}
