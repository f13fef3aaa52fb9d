import { runqlat as category } from '../category/runqlat.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, maxOf, sumOf } from './join-entries.ts';
import type { TraceProgram } from './trace-program.ts';

/** Traces the time that threads could run and waited for a CPU. */
export const runqlat: TraceProgram = {
  name: 'runqlat',
  summary: 'Trace the time that threads wait for a CPU, by process',
  category,
  defaultThresholdUs: 0,
  needs: { tracepoints: ['sched_wakeup', 'sched_wakeup_new', 'sched_switch'] },
  helperArguments,
  toEntries: (flush) =>
    joinEntries(category, flush.entries, {
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      elapsed: sumOf(({ ns }) => ns),
      count: sumOf(({ count }) => count),
      max: maxOf(({ maxNs }) => maxNs),
    }),
};
