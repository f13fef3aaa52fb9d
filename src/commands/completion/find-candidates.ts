import { type Category, entryColumns } from '../../core/index.ts';

/** A word that may come next, with what it is. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** A flag as much of it as matters here. */
interface KnownFlag {
  readonly name: string;
  readonly type: string;
  readonly char?: string | undefined;
  readonly summary?: string | undefined;
  readonly options?: readonly string[] | undefined;
  readonly hidden?: boolean | undefined;
}

/** A command as much of it as matters here; its id has colons between words. */
export interface KnownCommand {
  readonly id: string;
  readonly summary?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly flags: Readonly<Record<string, KnownFlag>>;
  readonly args: Readonly<Record<string, { readonly options?: readonly string[] | undefined }>>;
}

/** Gives the categories of the database that the words name; asked only where a name of one is wanted. */
export type AskCategories = () => Promise<ReadonlyMap<string, Category>>;

/** What lists of a flag are made of, by the flag's name; conditions start with a column too. */
const partsOfLists: Readonly<Record<string, (category: Category) => readonly Candidate[]>> = {
  select: columnWords,
  sort: columnWords,
  stack: columnWords,
  weight: columnWords,
  where: columnWords,
  'group-by': groupWords,
  by: groupWords,
  agg: aggregateWords,
  map: (category) => columnWords(category).map((each) => ({ ...each, word: `${each.word}=` })),
  set: (category) => columnWords(category).map((each) => ({ ...each, word: `${each.word}=` })),
};
/** Commands whose argument is a category. */
const categoryCommands = ['category:show', 'category:drop'];

/** Finds what may come next: words of commands, flags, values of flags, names of categories and columns. Empty for files. */
export async function findCandidates(
  words: readonly string[],
  current: string,
  commands: readonly KnownCommand[],
  askCategories: AskCategories,
): Promise<readonly Candidate[]> {
  const { command, rest } = findCommand(words, commands);
  if (command === undefined) return nextWords(words, current, commands);
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden);
  const inline = /^--([^=]+)=(.*)$/s.exec(current);
  const open = inline === null ? openFlag(rest, flags) : flags.find(({ name }) => name === inline[1]);
  if (open !== undefined && open.type === 'option') {
    const written = inline === null ? current : inline[2]!;
    const values = await valuesOf(open, written, rest, askCategories);
    return values.map((value) =>
      inline === null ? value : { ...value, word: `--${open.name}=${value.word}` },
    );
  }
  if (current.startsWith('-')) return flagsOf(flags, rest, current);
  const arg = Object.values(command.args)[countArguments(rest, flags)];
  const more = nextWords(words, current, commands);
  if (categoryCommands.includes(command.id) && arg !== undefined)
    return startingWith(await categoryWords(askCategories), current);
  if (arg?.options !== undefined)
    return startingWith(
      arg.options.map((word) => ({ word })),
      current,
    );
  return current === '' && Object.keys(command.args).length === 0 && more.length === 0
    ? flagsOf(flags, rest, current)
    : more;
}

/** Finds the longest command that the words begin with, and what stands behind it. */
function findCommand(words: readonly string[], commands: readonly KnownCommand[]) {
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const id = words.slice(0, length).join(':');
    const command = commands.find((each) => each.id === id);
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  return { command: undefined, rest: words };
}

/** The words that come next in the ids of commands. */
function nextWords(
  words: readonly string[],
  current: string,
  commands: readonly KnownCommand[],
): readonly Candidate[] {
  const prefix = words.length === 0 ? '' : `${words.join(':')}:`;
  const found = new Map<string, string>();
  for (const { id, summary, hidden } of commands) {
    if (hidden || !id.startsWith(prefix)) continue;
    const [word, ...rest] = id.slice(prefix.length).split(':');
    if (!found.has(word!) || rest.length === 0) found.set(word!, rest.length === 0 ? (summary ?? '') : '');
  }
  return startingWith(
    Array.from(found, ([word, description]) => ({ word, description })),
    current,
  );
}

/** The flag that waits for its value, where the last word is one. */
function openFlag(rest: readonly string[], flags: readonly KnownFlag[]): KnownFlag | undefined {
  const last = rest.at(-1) ?? '';
  return flags.find(
    ({ name, char, type }) =>
      type === 'option' && (last === `--${name}` || (char !== undefined && last === `-${char}`)),
  );
}

function countArguments(rest: readonly string[], flags: readonly KnownFlag[]): number {
  return rest.filter((word, at) => !word.startsWith('-') && openFlag(rest.slice(0, at), flags) === undefined)
    .length;
}

async function valuesOf(
  flag: KnownFlag,
  written: string,
  rest: readonly string[],
  askCategories: AskCategories,
): Promise<readonly Candidate[]> {
  if (flag.options !== undefined)
    return startingWith(
      flag.options.map((word) => ({ word })),
      written,
    );
  if (flag.name === 'category') return startingWith(await categoryWords(askCategories), written);
  const parts = Object.hasOwn(partsOfLists, flag.name) ? partsOfLists[flag.name] : undefined;
  if (parts === undefined) return [];
  const categories = await askCategories();
  const category = categories.get(valueOfFlag(rest, 'category', 'c') ?? 'offcputime');
  if (category === undefined) return [];
  // Of a list the last name is still being written; a sort key may have its sign before it.
  const [, before = '', name = ''] = /^(.*,)?-?([^,]*)$/s.exec(written) ?? [];
  const sign = flag.name === 'sort' && written.slice(before.length).startsWith('-') ? '-' : '';
  return parts(category)
    .filter(({ word }) => word.startsWith(name))
    .map((part) => ({ ...part, word: `${before}${sign}${part.word}` }));
}

function columnWords({ columns }: Category): readonly Candidate[] {
  return columns.map(({ name, type }) => ({ word: name, description: type }));
}

/** What `query --group-by` takes besides columns. */
function groupWords(category: Category): readonly Candidate[] {
  const hasStack = category.columns.some(({ type }) => type === 'stack');
  return [
    ...columnWords(category),
    { word: 'time:1m', description: 'minutes' },
    ...(hasStack
      ? ['leaf', 'root', 'wchan'].map((word) => ({ word, description: 'frame of the stack' }))
      : []),
  ];
}

/** What `query --agg` takes. */
function aggregateWords(category: Category): readonly Candidate[] {
  const numbers = entryColumns(category).filter(({ type }) => type === 'int' || type === 'elapsed');
  const functions = ['sum', 'avg', 'min', 'max', 'p50', 'p90', 'p99', 'p99.9', 'hist'];
  return [
    { word: 'count', description: 'records' },
    ...functions.flatMap((each) =>
      numbers.map(({ name, type }) => ({ word: `${each}(${name})`, description: type })),
    ),
  ];
}

async function categoryWords(askCategories: AskCategories): Promise<readonly Candidate[]> {
  return [...(await askCategories()).values()].map(({ name, prettyName }) => ({
    word: name,
    description: prettyName,
  }));
}

/** The value that a flag has among the words. */
export function valueOfFlag(words: readonly string[], name: string, char?: string): string | undefined {
  for (const [at, word] of words.entries()) {
    if (word === `--${name}` || (char !== undefined && word === `-${char}`)) return words[at + 1];
    if (word.startsWith(`--${name}=`)) return word.slice(name.length + 3);
  }
  return undefined;
}

function flagsOf(
  flags: readonly KnownFlag[],
  rest: readonly string[],
  current: string,
): readonly Candidate[] {
  const free = flags.filter(({ name }) => !rest.includes(`--${name}`));
  const words = free.map(({ name, summary }) => ({ word: `--${name}`, description: summary ?? '' }));
  return startingWith(words, current);
}

function startingWith(candidates: readonly Candidate[], start: string): readonly Candidate[] {
  return candidates
    .filter(({ word }) => word.startsWith(start))
    .toSorted((a, b) => (a.word < b.word ? -1 : 1));
}
