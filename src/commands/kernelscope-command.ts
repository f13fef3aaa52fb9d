import { Command } from '@oclif/core/command';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import { addArguments, type SettableFlag, supplyFlags, toArguments } from './config/settings.ts';

/** Values of flags or arguments by name. */
type Output = Record<string, unknown>;

/** What all commands share: `--json`, and errors that are left to `reportError`. */
export abstract class KernelscopeCommand extends Command {
  static override enableJsonFlag = true;

  /** Leaves printing to the one place that knows how errors look; oclif would print them its own way. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }

  /** Reads the command line; flags that it does not mention come from the environment or the config file. */
  protected override async parse<F extends Output, B extends Output, A extends Output>(
    options?: Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    const flags = { ...(options?.flags as Readonly<Record<string, SettableFlag>> | undefined) };
    const supplied = await supplyFlags(this.id ?? '', flags, argv);
    return super.parse(options, addArguments(argv, toArguments(supplied, flags)));
  }

  /** Tells people something on stderr, whatever stdout is read by. */
  protected say(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** How many colours stdout has, as chalk counts them: 0 for none. */
  protected async colorLevel(): Promise<0 | 1 | 2 | 3> {
    if (!this.usesColor()) return 0;
    const { supportsColor } = await import('chalk');
    return supportsColor === false ? 0 : (supportsColor.level as 0 | 1 | 2 | 3);
  }

  /** Tells whether stdout may be coloured: it is a terminal, and neither NO_COLOR nor TERM speaks against it. */
  protected usesColor(): boolean {
    const { NO_COLOR, TERM } = process.env;
    return process.stdout.isTTY === true && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
  }
}
