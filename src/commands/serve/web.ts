import { databaseFlags, hostFlag, portArg, tokenFileFlag } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { runServices } from './run-services.ts';

export class ServeWeb extends KernelscopeCommand {
  static override summary = 'Show records in a browser, read-only.';
  static override examples = ['<%= config.bin %> serve web --sqlite kernelscope.db 8080'];
  static override args = { port: portArg(8080) };
  static override flags = { host: hostFlag, 'token-file': tokenFileFlag, ...databaseFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ServeWeb);
    await runServices(flags, (token) => ({ web: { host: flags.host, port: args.port, ...token } }));
  }
}
