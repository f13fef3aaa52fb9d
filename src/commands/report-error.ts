import { errorCodes, KernelscopeError, printable, suggestNames } from '../core/index.ts';
import { commands } from './index.ts';

/** What the user is told of an error, and the exit code that goes with it. */
export interface ErrorReport {
  readonly exitCode: number;
  /** Text for stderr; absent where there is nothing to say. */
  readonly text?: string;
  /** The same for `--json`. */
  readonly json?: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly suggestions: readonly string[];
    };
  };
}

/** An error as oclif throws it: `oclif.exit` is the exit code it asks for. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly code?: string;
}

/** Turns whatever a command threw into what the user sees. Errors that are no one's but ours show their stack. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof KernelscopeError) {
    const { code, message, suggestions } = error;
    return describe(errorCodes[code].exitCode, code, tidyParseMessage(message), suggestions);
  }
  const oclifError = error as OclifError;
  const exitCode = oclifError?.oclif?.exit;
  // Ctrl-C at a question.
  if (oclifError?.name === 'ExitPromptError') return { exitCode: 130 };
  if (oclifError?.code === 'EEXIT') return { exitCode: exitCode ?? 0 };
  if (exitCode !== undefined) {
    // Printed without oclif's colours: the message may hold what a user typed.
    const message = tidyParseMessage(oclifError.message);
    const unknown = /^command (\S+) not found$/.exec(message)?.[1];
    if (unknown !== undefined)
      return describe(2, 'usage', `there is no command '${spaced(unknown)}'`, suggestCommand(unknown));
    return describe(2, 'usage', message, ['see --help']);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: 70,
    text: `kernelscope: this is a bug in kernelscope; please report it with what follows\n${stack}\n`,
    json: { error: { code: 'bug', message: String(error), suggestions: [] } },
  };
}

/** oclif frames what is wrong with a flag's value in lines of its own. */
function tidyParseMessage(message: string): string {
  return message.replace(/\n?See more help with --help$/, '').replace(/^Parsing (--\S+) \n\t/, '$1: ');
}

function describe(
  exitCode: number,
  code: string,
  message: string,
  suggestions: readonly string[],
): ErrorReport {
  const lines = message.split('\n').map(printable);
  const text = [
    `kernelscope: ${lines.join('\n  ')}`,
    ...suggestions.map((line) => `  ${printable(line)}`),
  ].join('\n');
  return { exitCode, text: `${text}\n`, json: { error: { code, message, suggestions } } };
}

function suggestCommand(id: string): readonly string[] {
  const [nearest] = suggestNames(spaced(id), Object.keys(commands).map(spaced));
  return nearest?.startsWith('did you mean')
    ? [nearest, 'see kernelscope --help']
    : ['see kernelscope --help'];
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ');
}
