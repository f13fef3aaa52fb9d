import { KernelscopeError, loadTrace, type TraceOptions } from '../../core/index.ts';
import { untilCommandEnds } from '../until-command-ends.ts';
import type { TraceSummary } from './trace-into.ts';

/**
 * Runs a command and traces it, with its children, from its beginning to its end. This process exits as the command does,
 * unless the trace failed. Throws `usage` where the options choose what to trace in another way as well.
 */
export async function runTraced(
  command: readonly string[],
  options: TraceOptions,
  stdoutToStderr: boolean,
  trace: (options: TraceOptions, signal: AbortSignal) => Promise<TraceSummary>,
  say: (line: string) => void,
): Promise<TraceSummary> {
  if (options.pids.length > 0 || (options.tids ?? []).length > 0 || options.durationMs !== undefined) {
    throw new KernelscopeError(
      'usage',
      'a command is traced as a whole, without --pid, --tid and --duration',
      {
        suggestions: ['leave these flags out, or trace a process that is there by --pid, without a command'],
      },
    );
  }
  const { holdCommand, sudoUser } = await loadTrace();
  const user = sudoUser(process.env);
  const held = await holdCommand(command, { stdoutToStderr, ...(user !== undefined && { user }) });
  const { signal, release } = untilCommandEnds(held);
  try {
    const summary = await trace({ ...options, command: held }, signal);
    process.exitCode = await held.exitCode;
    return summary;
  } catch (error) {
    held.abandon();
    if (held.hasBegun && !signal.aborted) say('the trace has failed; the command goes on');
    await held.exitCode;
    throw error;
  } finally {
    release();
  }
}
