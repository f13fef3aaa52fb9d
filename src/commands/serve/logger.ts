import * as Flags from '@oclif/core/flags';
import { databaseFlags, durationNs, hostFlag, portArg, retention, tokenFileFlag } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runServices } from './run-services.ts';

export class ServeLogger extends KernelscopeCommand {
  static override summary = 'Take records from hosts and store them.';
  static override examples = [
    '<%= config.bin %> serve logger --sqlite kernelscope.db 8081',
    '<%= config.bin %> serve logger --host 0.0.0.0 --token-file /etc/kernelscope/token',
  ];
  static override args = { port: portArg(8081) };
  static override flags = {
    host: hostFlag,
    'token-file': tokenFileFlag,
    'legacy-offcputime': Flags.boolean({
      summary: 'Take offcputime as the tracer of 2016 sent it: leaf-first stacks, elapsed in microseconds.',
    }),
    retain: durationNs({
      summary: 'Delete records once they are older than this, such as 7d; keep all without it.',
      bareUnit: 's',
    }),
    ...databaseFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ServeLogger);
    const logger = {
      host: flags.host,
      port: args.port,
      legacyOffcputime: flags['legacy-offcputime'],
      ...retention(flags.retain),
    };
    await runServices(flags, (token) => ({ logger: { ...logger, ...token } }));
  }
}
