import { oncpu as category } from '../category/oncpu.ts';
import { numberDetail, textDetail } from './entry-details.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, sumOf } from './join-entries.ts';
import { NO_STACK } from './symbolize.ts';
import type { TraceProgram } from './trace-program.ts';
import { USER_SEPARATOR } from './user-stack-names.ts';

/** What stands for a program's own code, of which the kernel has no stack. */
export const USER_FRAME = '[user]';

/** What follows the frames of a program that was not in the kernel. */
const withoutKernel = `;${USER_SEPARATOR};${NO_STACK}`;

function programFrames(text: string): string {
  return text.endsWith(withoutKernel) ? text.slice(0, -withoutKernel.length) : USER_FRAME;
}

/** Samples what runs on the CPUs, with the kernel stack that it is in. */
export const oncpu: TraceProgram = {
  name: 'oncpu',
  summary: 'Sample what runs on the CPUs, by process and kernel stack',
  category,
  defaultThresholdUs: 0,
  needs: { perfEvents: true },
  helperArguments: (options) => [
    ...(options.frequencyHz === undefined ? [] : ['--frequency', String(options.frequencyHz)]),
    ...helperArguments(options),
  ],
  toEntries: (flush, stackText) =>
    joinEntries(category, flush.entries, {
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      stack: key((entry) => {
        const callers = stackText(entry.stack, entry.user);
        if (numberDetail(entry, 'in_user') === 1) return programFrames(callers);
        const leaf = textDetail(entry, 'leaf');
        if (leaf === '0') return callers;
        return entry.stack === '0'
          ? callers.slice(0, -NO_STACK.length) + stackText(leaf)
          : `${callers};${stackText(leaf)}`;
      }),
      samples: sumOf(({ count }) => count),
      elapsed: sumOf(({ ns }) => ns),
    }),
};
