import { offcputime } from '../category/offcputime.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, maxOf, sumOf } from './join-entries.ts';
import { wholeStack } from './stack-texts.ts';
import { formatTaskStates } from './task-states.ts';
import type { TraceProgram } from './trace-program.ts';

/** Traces the time that threads spend off the CPU, with the kernel stack that they wait in. */
export const offcpu: TraceProgram = {
  name: 'offcpu',
  summary: 'Trace the time that threads spend off the CPU, by process and kernel stack',
  category: offcputime,
  defaultThresholdUs: 1000,
  needs: { tracepoints: ['sched_switch'] },
  helperArguments,
  toEntries: (flush, texts) =>
    joinEntries(offcputime, flush.entries, {
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      stack: key(({ stack, user }) => wholeStack(texts.user(user), texts.kernel(stack))),
      elapsed: sumOf(({ ns }) => ns),
      count: sumOf(({ count }) => count),
      max: maxOf(({ maxNs }) => maxNs),
      state: key(({ state }) => formatTaskStates(state)),
    }),
};
