import * as Flags from '@oclif/core/flags';
import { loadTrace, type TraceOptions } from '../../core/index.ts';

/** What threads wait in: the flags of commands that trace blocks. */
export const waitFlags = {
  state: Flags.string({
    summary: 'Only blocks in these task states: letters of ps such as D or DS, or TASK_* numbers.',
    helpValue: 'STATES',
  }),
  'no-idle': Flags.boolean({
    summary: 'Leave out threads of the kernel that wait for something to do, by the function they wait in.',
  }),
  idle: Flags.string({
    summary: 'Leave out threads that wait in this function of the kernel; may be repeated.',
    helpValue: 'FUNCTION',
    multiple: true,
  }),
} as const;

/** Makes options of the values of `waitFlags`. Throws `bad_value` for what is no state. */
export async function waitOptions(flags: {
  readonly state?: string | undefined;
  readonly 'no-idle'?: boolean;
  readonly idle?: readonly string[] | undefined;
}): Promise<Pick<TraceOptions, 'stateMask' | 'noIdle' | 'idleFunctions'>> {
  const { parseTaskStates } = await loadTrace();
  return {
    ...(flags.state !== undefined && { stateMask: parseTaskStates(flags.state) }),
    noIdle: flags['no-idle'] ?? false,
    idleFunctions: flags.idle ?? [],
  };
}
