import { oncpu as category } from '../category/oncpu.ts';
import { numberDetail, textDetail } from './entry-details.ts';
import { helperArguments } from './helper-arguments.ts';
import { joinEntries, key, sumOf } from './join-entries.ts';
import type { HelperEntry } from './parse-helper-output.ts';
import { type StackTexts, wholeStack } from './stack-texts.ts';
import type { TraceProgram } from './trace-program.ts';

/** What stands for a program's own code, of which the kernel has no stack. */
export const USER_FRAME = '[user]';

/** The frames of the kernel, down to where it was interrupted. */
function kernelFrames(entry: HelperEntry, texts: StackTexts): string {
  const leaf = textDetail(entry, 'leaf');
  if (leaf === '0') return texts.kernel(entry.stack);
  return entry.stack === '0' ? texts.kernel(leaf) : `${texts.kernel(entry.stack)};${texts.kernel(leaf)}`;
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
  toEntries: (flush, texts) =>
    joinEntries(category, flush.entries, {
      process: key(({ process }) => process),
      pid: key(({ pid }) => pid),
      stack: key((entry) => {
        const user = texts.user(entry.user);
        return numberDetail(entry, 'in_user') === 1
          ? (user ?? USER_FRAME)
          : wholeStack(user, kernelFrames(entry, texts));
      }),
      samples: sumOf(({ count }) => count),
      elapsed: sumOf(({ ns }) => ns),
    }),
};
