import * as Flags from '@oclif/core/flags';
import type { TraceOptions } from '../../core/index.ts';

/** Whether the functions of programs are shown too: the flags of commands that can walk them. */
export const userStackFlags = {
  'user-stacks': Flags.boolean({
    summary:
      'Walk the stacks of programs too, along their frame pointers, and put them before those of the kernel.',
  }),
  'inline-marks': Flags.boolean({
    summary:
      'With --user-stacks: show inlined functions, where there is debug information, and mark frames as _[i] inlined, _[j] compiled at run time, _[k] of the kernel.',
    dependsOn: ['user-stacks'],
  }),
} as const;

/** Makes options of the values of `userStackFlags`. */
export function userStackOptions(flags: {
  readonly 'user-stacks': boolean;
  readonly 'inline-marks': boolean;
}): Pick<TraceOptions, 'userStacks' | 'marks'> {
  return { userStacks: flags['user-stacks'], marks: flags['inline-marks'] };
}
