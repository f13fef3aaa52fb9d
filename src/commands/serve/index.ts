import * as Flags from '@oclif/core/flags';
import { databaseFlags, durationNs, hostFlag, readToken, retention, tokenFileFlag } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { traceIntoLogger } from '../trace/trace-into.ts';
import { runServices } from './run-services.ts';

export class Serve extends KernelscopeCommand {
  static override summary =
    'Run the logger and the web service in one process; with --trace also trace this host.';
  static override examples = ['<%= config.bin %> serve', 'sudo <%= config.bin %> serve --trace offcpu'];
  static override flags = {
    host: hostFlag,
    'logger-port': Flags.integer({
      summary: 'Port of the logger; 0 for any free one.',
      default: 8081,
      min: 0,
      max: 65535,
    }),
    'web-port': Flags.integer({
      summary: 'Port of the web service; 0 for any free one.',
      default: 8080,
      min: 0,
      max: 65535,
    }),
    trace: Flags.string({
      summary: 'Also trace this host with this program, such as offcpu; may be repeated.',
      helpValue: 'PROGRAM',
      multiple: true,
    }),
    retain: durationNs({
      summary: 'Delete records once they are older than this, such as 7d; keep all without it.',
      bareUnit: 's',
    }),
    'token-file': tokenFileFlag,
    ...databaseFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { host, trace } = flags;
    await runServices(
      flags,
      (token) => ({
        logger: {
          host,
          port: flags['logger-port'],
          legacyOffcputime: false,
          ...retention(flags.retain),
          ...token,
        },
        web: { host, port: flags['web-port'], ...token },
      }),
      trace === undefined
        ? undefined
        : (running, signal) => {
            const token = readToken(flags['token-file']);
            return untilFirstFails(trace, signal, (program, until) =>
              traceIntoLogger(program, running.loggerUrl!, token, until),
            );
          },
    );
  }
}

/** Runs all at once until the signal aborts, or one fails: then the others are stopped in order, and its error is thrown. */
async function untilFirstFails(
  programs: readonly string[],
  signal: AbortSignal,
  run: (program: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  let failure: unknown;
  const running = programs.map(async (program) => {
    try {
      await run(program, until);
    } catch (error) {
      failure ??= error;
      failed.abort();
    }
  });
  await Promise.all(running);
  if (failure !== undefined) throw failure;
}
