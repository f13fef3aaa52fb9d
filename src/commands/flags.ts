import { readFileSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { KernelscopeError, parseDurationNs, type StoreChoice } from '../core/index.ts';
import { configuredDatabase } from './config/settings.ts';

const storeGroup = { helpGroup: 'DATABASE' } as const;

/** Where records are kept: for commands that need a database. */
export const databaseFlags = {
  sqlite: Flags.string({
    ...storeGroup,
    summary: 'SQLite file.',
    helpValue: 'FILE',
  }),
  mysql: Flags.string({ ...storeGroup, summary: 'MySQL or MariaDB server.', helpValue: 'HOST|URL' }),
  dbuser: Flags.string({
    ...storeGroup,
    summary: 'User of the MySQL database.',
    helpValue: 'NAME',
  }),
  dbpassword: Flags.string({
    ...storeGroup,
    summary: 'Password of that user; better in the environment, where no list of processes shows it.',
    helpValue: 'PASSWORD',
    env: 'KERNELSCOPE_DBPASSWORD',
    noCacheDefault: true,
  }),
  dbname: Flags.string({
    ...storeGroup,
    summary: 'Name of the MySQL database.',
    helpValue: 'NAME',
  }),
} as const;

/** A secret that a service wants or is given, never on the command line. */
export const tokenFileFlag = Flags.string({
  summary: 'File that holds the token that services and those who ask them share; or $KERNELSCOPE_TOKEN.',
  helpValue: 'FILE',
});

/** Address that a service listens on. */
export const hostFlag = Flags.string({
  summary: 'Address to listen on; 0.0.0.0 for all of this machine.',
  helpValue: 'ADDRESS',
  default: '127.0.0.1',
});

/** Port that a service listens on, as the argument of its command. */
export function portArg(defaultPort: number) {
  return Args.custom<number>({
    parse: async (text) => {
      const port = Number(text);
      if (/^\d+$/.test(text) && port <= 65535) return port;
      throw new KernelscopeError('usage', `'${text}' is no port`, {
        suggestions: ['a port is a number from 0 to 65535'],
      });
    },
  })({ description: 'Port to listen on; 0 for any free one.', default: defaultPort });
}

/** Where records are asked for: a database, or a web service. */
export const sourceFlags = {
  ...databaseFlags,
  server: Flags.string({
    ...storeGroup,
    summary: 'Web service to ask instead of a database.',
    helpValue: 'URL',
  }),
  'token-file': tokenFileFlag,
} as const;

/** Which records are asked for. */
export const filterFlags = {
  category: Flags.string({
    char: 'c',
    summary: 'Category of the records.',
    helpValue: 'NAME',
    default: 'offcputime',
  }),
  where: Flags.string({
    char: 'w',
    summary: "Condition, like 'elapsed > 5ms and stack contains btrfs'.",
    helpValue: 'CONDITION',
  }),
  since: Flags.string({ summary: 'From this time on: 2h ago, or a date.', helpValue: 'TIME' }),
  until: Flags.string({ summary: 'Before this time.', helpValue: 'TIME' }),
  at: Flags.string({
    summary: 'In the day, hour, minute or second that this names, like 2016-10-24 or 5m.',
    helpValue: 'TIME',
  }),
  host: Flags.string({ summary: 'Only of this host; may be repeated.', helpValue: 'NAME', multiple: true }),
  label: Flags.string({
    summary: 'Only of batches with this label; may be repeated.',
    helpValue: 'KEY=VALUE',
    multiple: true,
  }),
} as const;

/** Tells repeated runs apart, for commands that compare. */
export const runsFlag = Flags.string({
  summary: 'Label whose values tell repeated runs apart.',
  helpValue: 'KEY',
});

/** A duration flag: a number with a unit; bare numbers are in `bareUnit`. Its value is in nanoseconds. */
export const durationNs = Flags.custom<number, { bareUnit: 'us' | 'ms' | 's' }>({
  helpValue: 'DURATION',
  parse: async (text, _context, { bareUnit }) => {
    const ns = parseDurationNs(text, bareUnit);
    if (ns >= 0) return ns;
    throw new KernelscopeError('bad_value', `'${text}' is negative, and a duration cannot be`);
  },
});

/** How long a logger keeps records, from its flag in nanoseconds. */
export function retention(ns: number | undefined): { readonly retainMs?: number } {
  return ns === undefined ? {} : { retainMs: ns / 1e6 };
}

/** Reads the token from `--token-file` or the environment; undefined where there is none. */
export function readToken(file: string | undefined): string | undefined {
  if (file === undefined) return process.env.KERNELSCOPE_TOKEN || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new KernelscopeError('usage', `the token file ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** What the flags of a command say of where records are. */
export function storeChoice(flags: StoreChoice): StoreChoice {
  const { sqlite, mysql, dbuser, dbpassword, dbname, server } = flags;
  return { sqlite, mysql, dbuser, dbpassword, dbname, server, configured: configuredDatabase() };
}

/** Splits a list of columns at its commas; undefined where there is none. Throws `usage`, naming the flag. */
export function splitNames(flag: string, list: string | undefined): readonly string[] | undefined {
  const names = list?.split(',').map((name) => name.trim());
  if (names?.includes('')) throw new KernelscopeError('usage', `${flag} '${list}' names no column somewhere`);
  return names;
}

/** Says which records filters choose, for people. */
export function describeFilters(flags: {
  where?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  at?: string | undefined;
  host?: readonly string[] | undefined;
  label?: readonly string[] | undefined;
}): readonly string[] {
  const { where, since, until, at, host = [], label = [] } = flags;
  const parts = [
    where,
    since && `since ${since}`,
    until && `until ${until}`,
    at && `at ${at}`,
    ...host,
    ...label,
  ];
  return parts.filter((part): part is string => part !== undefined && part !== '');
}
