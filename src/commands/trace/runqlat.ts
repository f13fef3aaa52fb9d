import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runTraceCommand } from './run-trace-command.ts';
import { splitCommand } from './split-command.ts';
import { thresholdFlags, traceFlags, traceOptions } from './trace-flags.ts';
import type { TraceSummary } from './trace-into.ts';

export class TraceRunqlat extends KernelscopeCommand {
  static override summary =
    'Trace the time that threads could run and waited for a CPU, by process, by eBPF.';
  static override description =
    'Needs root, or CAP_BPF and CAP_PERFMON. A thread waits from when it was woken, started, or taken off the CPU while it could have run on, until it has a CPU. There are no stacks, which keeps it cheap.';
  static override examples = [
    'sudo <%= config.bin %> trace runqlat --duration 10s',
    'sudo <%= config.bin %> trace runqlat --threshold 10ms --user-threads',
    '<%= config.bin %> query --category runqlat --sort -max --limit 20',
  ];
  static override flags = { ...thresholdFlags('wait', 0, '0'), ...traceFlags };

  async run(): Promise<TraceSummary> {
    const { own, command } = splitCommand(this.argv);
    const { flags } = await this.parse(TraceRunqlat, own);
    return runTraceCommand('runqlat', traceOptions(flags), flags, (line) => this.say(line), command);
  }
}
