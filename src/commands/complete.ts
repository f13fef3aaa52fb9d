import * as Args from '@oclif/core/args';
import { type Category, locateStore, openSource, printable } from '../core/index.ts';
import {
  type Candidate,
  findCandidates,
  type KnownCommand,
  valueOfFlag,
} from './completion/find-candidates.ts';
import { splitLine } from './completion/split-line.ts';
import { readToken, storeChoice } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';

/** Characters at which bash, by itself, breaks a word in two. */
const bashBreaks = /^.*[=:]/s;

export class Complete extends KernelscopeCommand {
  static override summary = 'Say which words may come next on a command line; what completion scripts call.';
  static override hidden = true;
  static override flags = {};
  static override args = {
    shell: Args.string({ description: 'The shell that asks.', required: true, ignoreStdin: true }),
    cursor: Args.integer({ description: 'Characters before the cursor.', required: true, ignoreStdin: true }),
    line: Args.string({ description: 'The line.', required: true, ignoreStdin: true }),
  };

  async run(): Promise<readonly Candidate[]> {
    const { args } = await this.parse(Complete);
    const { words, current, isQuoted } = splitLine(args.line, args.cursor);
    const commands = this.config.commands as unknown as readonly KnownCommand[];
    const candidates = await findCandidates(words.slice(1), current, commands, () => askCategories(words));
    const before = args.shell === 'bash' ? (bashBreaks.exec(current)?.[0].length ?? 0) : 0;
    for (const { word, description } of candidates) {
      const rest = word.slice(before);
      this.log(
        printWord(args.shell, args.shell === 'bash' && !isQuoted ? escapeForBash(rest) : rest, description),
      );
    }
    return candidates;
  }
}

/** Bash takes words as they are, where other shells quote what has a meaning to them. */
function escapeForBash(word: string): string {
  return word.replace(/[()]/g, '\\$&');
}

function printWord(shell: string, word: string, description = ''): string {
  const text = printable(description.replaceAll('\n', ' '));
  if (shell === 'zsh') return text === '' ? word : `${word.replaceAll(':', '\\:')}:${text}`;
  return shell === 'fish' && text !== '' ? `${word}\t${text}` : word;
}

/** Asks the place that the words name for its categories; whatever is in the way, there are none to offer. */
async function askCategories(words: readonly string[]): Promise<ReadonlyMap<string, Category>> {
  const flag = (name: string) => valueOfFlag(words, name);
  const names = ['sqlite', 'mysql', 'dbuser', 'dbpassword', 'dbname', 'server'] as const;
  const choice = Object.fromEntries(names.map((name) => [name, flag(name)]));
  try {
    const token = readToken(flag('token-file'));
    const location = locateStore(storeChoice(choice), process.env);
    const source = await openSource(location, token === undefined ? {} : { token });
    try {
      return await source.categories();
    } finally {
      await source.close();
    }
  } catch {
    return new Map();
  }
}
