import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runTraceCommand } from './run-trace-command.ts';
import { splitCommand } from './split-command.ts';
import { thresholdFlags, traceFlags, traceOptions } from './trace-flags.ts';
import type { TraceSummary } from './trace-into.ts';
import { userStackFlags, userStackOptions } from './user-stack-flags.ts';
import { waitFlags, waitOptions } from './wait-flags.ts';

export class TraceOffwake extends KernelscopeCommand {
  static override summary =
    'Trace the time that threads are blocked, with the kernel stacks they wait in and those that wake them, by eBPF.';
  static override description =
    'Needs root, or CAP_BPF and CAP_PERFMON. A stack is that of the blocked thread, root first, then the frame --, then that of its waker, leaf first: the two meet where one waits for the other. The time ends when the thread is woken; trace runqlat has what it then waits for a CPU. What a timer or a device wakes has the waker [interrupt]. --user-stacks adds the functions of both programs: main;read;-;(kernel);--;(kernel);-;write;main.';
  static override examples = [
    'sudo <%= config.bin %> trace offwake --duration 10s',
    'sudo <%= config.bin %> trace offwake --comm postgres --threshold 5ms',
    'sudo <%= config.bin %> trace offwake --user-stacks --pid 1234',
    '<%= config.bin %> flamegraph --category offwake --where "waker != \'[interrupt]\'" > out.svg',
  ];
  static override flags = {
    ...thresholdFlags('block', 1e6, '1ms'),
    ...waitFlags,
    ...userStackFlags,
    ...traceFlags,
  };

  async run(): Promise<TraceSummary> {
    const { own, command } = splitCommand(this.argv);
    const { flags } = await this.parse(TraceOffwake, own);
    const options = {
      ...traceOptions(flags),
      ...(await waitOptions(flags)),
      ...userStackOptions(flags),
    };
    return runTraceCommand('offwake', options, flags, (line) => this.say(line), command);
  }
}
