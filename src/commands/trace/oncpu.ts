import * as Flags from '@oclif/core/flags';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runTraceCommand } from './run-trace-command.ts';
import { splitCommand } from './split-command.ts';
import { traceFlags, traceOptions } from './trace-flags.ts';
import type { TraceSummary } from './trace-into.ts';
import { userStackFlags, userStackOptions } from './user-stack-flags.ts';

export class TraceOncpu extends KernelscopeCommand {
  static override summary = 'Sample what runs on the CPUs, with the kernel stacks it is in, by eBPF.';
  static override description =
    "Needs root, or CAP_BPF and CAP_PERFMON, but no counters of the processor, so that it works in virtual machines. What is sampled in a program's own code has the stack [user], or with --user-stacks the functions of the program; an idle CPU is not sampled. --frequency samples a second stand for 1/frequency seconds each: elapsed is samples times that.";
  static override examples = [
    'sudo <%= config.bin %> trace oncpu --duration 10s',
    'sudo <%= config.bin %> trace oncpu --user-stacks --pid 1234',
    'sudo <%= config.bin %> trace oncpu --frequency 999 -- make -j8',
    '<%= config.bin %> flamegraph --category oncpu > out.svg',
  ];
  static override flags = {
    frequency: Flags.integer({
      summary: 'Samples per second of each CPU.',
      helpValue: 'HZ',
      default: 99,
      min: 1,
      max: 10_000,
    }),
    ...userStackFlags,
    ...traceFlags,
  };

  async run(): Promise<TraceSummary> {
    const { own, command } = splitCommand(this.argv);
    const { flags } = await this.parse(TraceOncpu, own);
    const options = {
      ...traceOptions(flags),
      ...userStackOptions(flags),
      frequencyHz: flags.frequency,
    };
    return runTraceCommand('oncpu', options, flags, (line) => this.say(line), command);
  }
}
