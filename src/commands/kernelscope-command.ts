import { Command } from '@oclif/core/command';

/** What all commands share: `--json`, and errors that are left to `reportError`. */
export abstract class KernelscopeCommand extends Command {
  static override enableJsonFlag = true;

  /** Leaves printing to the one place that knows how errors look; oclif would print them its own way. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
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
