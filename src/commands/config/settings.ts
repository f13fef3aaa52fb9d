import {
  type ConfigEntry,
  type ConfigValue,
  findConfigFiles,
  KernelscopeError,
  readConfig,
  suggestNames,
} from '../../core/index.ts';
import { commands } from '../index.ts';

/** Settings for all commands, with the variables that come before the config file; a secret is never shown. */
export const sharedSettings = {
  db: { variables: ['KERNELSCOPE_DB'], isSecret: false },
  dbpassword: { variables: ['KERNELSCOPE_DBPASSWORD'], isSecret: true },
  // A database in the environment is nearer than a logger in a file.
  logger: { variables: ['KERNELSCOPE_LOGGER', 'KERNELSCOPE_DB'], isSecret: false },
  'token-file': { variables: ['KERNELSCOPE_TOKEN_FILE', 'KERNELSCOPE_TOKEN'], isSecret: false },
} as const satisfies Record<string, { readonly variables: readonly string[]; readonly isSecret: boolean }>;

let loaded: readonly ConfigEntry[] | undefined;

/** Reads the config files, once. Throws `bad_config` for what is in them and means nothing. */
export async function loadSettings(): Promise<readonly ConfigEntry[]> {
  if (loaded === undefined) {
    const files = findConfigFiles(process.env);
    const entries = files.length === 0 ? [] : await readConfig(files);
    for (const entry of entries) checkPlace(entry);
    loaded = entries;
  }
  return loaded;
}

/** The database that the config file names, once the settings are loaded; the environment's comes before it. */
export function configuredDatabase(): string | undefined {
  const entry = loaded?.find(({ section, key }) => section === '' && key === 'db');
  return entry === undefined ? undefined : String(entry.value);
}

/** The name of the variable that stands for a flag of a command: `KERNELSCOPE_TRACE_OFFCPU_INTERVAL`. */
export function variableOf(command: string, flag: string): string {
  return `KERNELSCOPE_${command}_${flag}`.replaceAll(/[:-]/g, '_').toUpperCase();
}

/** A flag as much of it as matters here. */
export interface SettableFlag {
  readonly type: string;
  readonly char?: string | undefined;
  readonly env?: string | undefined;
  readonly allowNo?: boolean | undefined;
  readonly multiple?: boolean | undefined;
  readonly exclusive?: readonly (string | unknown)[] | undefined;
}

/** A flag that nobody wrote, and where its value comes from. */
export interface Supplied {
  readonly flag: string;
  readonly value: ConfigValue;
  readonly origin: string;
}

/** Finds the values of flags that the command line does not mention: in the environment, else in the config file. */
export async function supplyFlags(
  command: string,
  flags: Readonly<Record<string, SettableFlag>>,
  argv: readonly string[],
): Promise<readonly Supplied[]> {
  const entries = await loadSettings();
  const mentioned = mentionedFlags(flags, argv);
  const supplied: Supplied[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    if (mentioned.has(name) || excludedBy(name, flags, mentioned)) continue;
    const found = supplyFlag(command, name, flag, entries);
    if (found !== undefined) supplied.push(found);
  }
  for (const { section, key, file } of entries) {
    if (section !== command || Object.hasOwn(flags, key)) continue;
    throw new KernelscopeError(
      'bad_config',
      `the config file ${file}: kernelscope ${spaced(command)} has no flag --${key}`,
      { suggestions: suggestNames(key, Object.keys(flags)) },
    );
  }
  return supplied;
}

function supplyFlag(
  command: string,
  name: string,
  flag: SettableFlag,
  entries: readonly ConfigEntry[],
): Supplied | undefined {
  const own = variableOf(command, name);
  const ownValue = process.env[own];
  if (ownValue) return { flag: name, value: readVariable(ownValue, flag), origin: `$${own}` };
  const shared: readonly string[] = isShared(name) ? sharedSettings[name].variables : [];
  // What oclif reads by itself, or whoever reads the flag, is left to them.
  const theirs = [...(flag.env === undefined ? [] : [flag.env]), ...shared];
  if (name === 'token-file' && process.env.KERNELSCOPE_TOKEN_FILE && !process.env.KERNELSCOPE_TOKEN)
    return { flag: name, value: process.env.KERNELSCOPE_TOKEN_FILE, origin: '$KERNELSCOPE_TOKEN_FILE' };
  if (theirs.some((variable) => process.env[variable])) return undefined;
  const entry =
    entries.find(({ section, key }) => section === command && key === name) ??
    entries.find(({ section, key }) => section === '' && key === name);
  return entry === undefined ? undefined : { flag: name, value: entry.value, origin: entry.file };
}

function readVariable(text: string, flag: SettableFlag): ConfigValue {
  if (flag.type === 'boolean') return !['0', 'false', 'no', 'off'].includes(text.toLowerCase());
  return flag.multiple ? text.split(',').map((item) => item.trim()) : text;
}

/** Prints supplied values as the flags that they stand for. */
export function toArguments(
  supplied: readonly Supplied[],
  flags: Readonly<Record<string, SettableFlag>>,
): readonly string[] {
  return supplied.flatMap(({ flag, value, origin }) => {
    if (flags[flag]!.type === 'boolean') {
      if (typeof value !== 'boolean')
        throw new KernelscopeError('bad_config', `${origin}: --${flag} is either true or false`);
      return value ? [`--${flag}`] : flags[flag]!.allowNo ? [`--no-${flag}`] : [];
    }
    const values = Array.isArray(value) ? value : [value];
    // oclif takes -stack for a flag wherever it stands; behind a space it is a value.
    return values.map((item) => `--${flag}=${flag === 'sort' ? ' ' : ''}${item}`);
  });
}

/** Puts arguments behind those that were written, before what belongs to another program. */
export function addArguments(argv: readonly string[], more: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return end < 0 ? [...argv, ...more] : [...argv.slice(0, end), ...more, ...argv.slice(end)];
}

function mentionedFlags(
  flags: Readonly<Record<string, SettableFlag>>,
  argv: readonly string[],
): ReadonlySet<string> {
  const mentioned = new Set<string>();
  for (const word of argv) {
    if (word === '--') break;
    if (word.startsWith('--')) mentioned.add(word.slice(2).split('=')[0]!.replace(/^no-/, ''));
    else if (/^-[a-zA-Z]/.test(word)) {
      const name = Object.entries(flags).find(([, { char }]) => char === word[1])?.[0];
      if (name !== undefined) mentioned.add(name);
    }
  }
  return mentioned;
}

function excludedBy(
  name: string,
  flags: Readonly<Record<string, SettableFlag>>,
  mentioned: ReadonlySet<string>,
): boolean {
  // Of the places where records may be, the one that was named stands alone.
  const places = ['sqlite', 'mysql', 'server', 'logger'];
  if (places.includes(name) && places.some((place) => mentioned.has(place))) return true;
  // --json is a format as well.
  if (name === 'format' && mentioned.has('json')) return true;
  return [...mentioned].some(
    (other) => flags[name]?.exclusive?.includes(other) || flags[other]?.exclusive?.includes(name),
  );
}

function checkPlace({ section, key, file }: ConfigEntry): void {
  if (section === '') {
    if (isShared(key)) return;
    throw new KernelscopeError(
      'bad_config',
      `the config file ${file}: there is no setting '${key}' for all commands`,
      {
        suggestions: [
          ...suggestNames(key, Object.keys(sharedSettings)),
          `flags of one command stand in its table: [query] or [trace.offcpu]`,
        ],
      },
    );
  }
  if (Object.hasOwn(commands, section)) return;
  throw new KernelscopeError(
    'bad_config',
    `the config file ${file}: there is no command '${spaced(section)}'`,
    {
      suggestions: suggestNames(spaced(section), Object.keys(commands).map(spaced)),
    },
  );
}

function isShared(name: string): name is keyof typeof sharedSettings {
  return Object.hasOwn(sharedSettings, name);
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ');
}
