import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runTraceCommand } from './run-trace-command.ts';
import { splitCommand } from './split-command.ts';
import { thresholdFlags, traceFlags, traceOptions } from './trace-flags.ts';
import type { TraceSummary } from './trace-into.ts';
import { userStackFlags, userStackOptions } from './user-stack-flags.ts';

export class TraceBlockio extends KernelscopeCommand {
  static override summary =
    'Trace requests to block devices, with the process and kernel stack that submits them, by eBPF.';
  static override description =
    'Needs root, or CAP_BPF and CAP_PERFMON. A request lasts from when it is submitted until it is done. Operations are R read, W write, F flush, D discard, E secure erase, Z write zeroes, N any other. What a program writes into the page cache is written to the device later, by a thread of the kernel, and counted as its; --user-stacks has no functions of a program there.';
  static override examples = [
    'sudo <%= config.bin %> trace blockio --duration 10s',
    'sudo <%= config.bin %> trace blockio --threshold 10ms --comm postgres',
    'sudo <%= config.bin %> trace blockio --user-stacks --pid 1234',
    '<%= config.bin %> query --category blockio --sort -max --limit 20',
  ];
  static override flags = { ...thresholdFlags('request', 0, '0'), ...userStackFlags, ...traceFlags };

  async run(): Promise<TraceSummary> {
    const { own, command } = splitCommand(this.argv);
    const { flags } = await this.parse(TraceBlockio, own);
    const options = { ...traceOptions(flags), ...userStackOptions(flags) };
    return runTraceCommand('blockio', options, flags, (line) => this.say(line), command);
  }
}
