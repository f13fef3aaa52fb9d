import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runTraceCommand } from './run-trace-command.ts';
import { splitCommand } from './split-command.ts';
import { thresholdFlags, traceFlags, traceOptions } from './trace-flags.ts';
import type { TraceSummary } from './trace-into.ts';
import { userStackFlags, userStackOptions } from './user-stack-flags.ts';
import { waitFlags, waitOptions } from './wait-flags.ts';

export class TraceOffcpu extends KernelscopeCommand {
  static override summary =
    'Trace the time that threads spend off the CPU, with the kernel stacks they wait in, by eBPF.';
  static override description =
    'Needs root, or CAP_BPF and CAP_PERFMON. Records go to a logger, into a database, or to stdout as NDJSON. Ctrl-C ends it; what was measured is stored first. A command behind -- is traced with its children from its beginning to its end, and its exit code passed on; under sudo it runs as the user who called sudo.';
  static override examples = [
    'sudo <%= config.bin %> trace offcpu --duration 10s',
    'sudo <%= config.bin %> trace offcpu --logger http://localhost:8081 --threshold 5000',
    'sudo <%= config.bin %> trace offcpu --label run=a -- make -j8',
    'sudo <%= config.bin %> trace offcpu --user-stacks --pid 1234',
    'sudo <%= config.bin %> trace offcpu --cgroup system.slice/ssh.service --user-threads',
    'sudo <%= config.bin %> trace offcpu --kernel-threads --no-idle --idle my_driver_thread',
    'sudo <%= config.bin %> trace offcpu --state D --label kernel=$(uname -r)',
  ];
  static override flags = {
    ...thresholdFlags('block', 1e6, '1ms'),
    ...waitFlags,
    ...userStackFlags,
    ...traceFlags,
  };

  async run(): Promise<TraceSummary> {
    const { own, command } = splitCommand(this.argv);
    const { flags } = await this.parse(TraceOffcpu, own);
    const options = {
      ...traceOptions(flags),
      ...(await waitOptions(flags)),
      ...userStackOptions(flags),
    };
    return runTraceCommand('offcpu', options, flags, (line) => this.say(line), command);
  }
}
