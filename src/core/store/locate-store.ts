import { homedir } from 'node:os';
import { join } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { parseLocation, type StoreLocation } from './index.ts';

/** What a user said of where records are: at most one of `sqlite`, `mysql` and `server`. */
export interface StoreChoice {
  readonly sqlite?: string | undefined;
  readonly mysql?: string | undefined;
  readonly dbuser?: string | undefined;
  readonly dbpassword?: string | undefined;
  readonly dbname?: string | undefined;
  readonly server?: string | undefined;
  /** Address that the config file names, for where nothing else does. */
  readonly configured?: string | undefined;
}

/** A location, and whether it is the one that nobody named. */
export interface ChosenLocation extends StoreLocation {
  readonly isDefault: boolean;
}

/** Finds where records are: what was said, then `$KERNELSCOPE_DB`, then the config file, then `kernelscope.db` in the XDG data directory. */
export function locateStore(
  choice: StoreChoice,
  environment: Readonly<Record<string, string | undefined>>,
): ChosenLocation {
  const named = (['sqlite', 'mysql', 'server'] as const).filter((name) => choice[name] !== undefined);
  if (named.length > 1) {
    throw new KernelscopeError('usage', `--${named.join(' and --')} name more than one place for records`, {
      suggestions: ['name one of them'],
    });
  }
  const stray = (['dbuser', 'dbname'] as const).find((name) => choice[name] !== undefined);
  if (stray !== undefined && choice.mysql === undefined) {
    throw new KernelscopeError('usage', `--${stray} is about a MySQL database, and none is named`, {
      suggestions: ['name its server: --mysql HOST'],
    });
  }
  if (choice.sqlite !== undefined) return { backend: 'sqlite', address: choice.sqlite, isDefault: false };
  if (choice.mysql !== undefined)
    return { backend: 'mysql', address: mysqlAddress(choice.mysql, choice), isDefault: false };
  if (choice.server !== undefined) return { ...serverLocation(choice.server), isDefault: false };
  const fromEnvironment = environment.KERNELSCOPE_DB;
  if (fromEnvironment) return { ...fromAddress(fromEnvironment, choice), isDefault: false };
  if (choice.configured) return { ...fromAddress(choice.configured, choice), isDefault: false };
  const data = environment.XDG_DATA_HOME || join(environment.HOME || homedir(), '.local', 'share');
  return { backend: 'sqlite', address: join(data, 'kernelscope', 'kernelscope.db'), isDefault: true };
}

/** Reads an address; a password that is known apart is added to that of a MySQL database without one. */
function fromAddress(text: string, { dbpassword }: StoreChoice): StoreLocation {
  const location = parseLocation(text);
  if (location.backend !== 'mysql' || dbpassword === undefined || !URL.canParse(text)) return location;
  return new URL(text).password === ''
    ? { ...location, address: mysqlAddress(text, { dbpassword }) }
    : location;
}

function serverLocation(server: string): StoreLocation {
  const location = parseLocation(server);
  if (location.backend === 'server') return location;
  throw new KernelscopeError('usage', `'${server}' is no address of a web service`, {
    suggestions: ['write it like http://HOST:8080'],
  });
}

/** `--mysql` takes a host or a URL; the other flags fill in what it leaves open. */
function mysqlAddress(mysql: string, { dbuser, dbpassword, dbname }: StoreChoice): string {
  const text = /^(mysql|mariadb):/.test(mysql) ? mysql : `mysql://${mysql}`;
  if (!URL.canParse(text)) {
    // What may hold a password is not repeated.
    const what = mysql.includes('@') ? 'the value of --mysql' : `'${mysql}'`;
    throw new KernelscopeError('usage', `${what} is no address of a MySQL server`, {
      suggestions: ['write it like localhost, or mysql://USER@HOST:3306/NAME'],
    });
  }
  const url = new URL(text);
  if (dbuser !== undefined) url.username = encodeURIComponent(dbuser);
  if (dbpassword !== undefined) url.password = encodeURIComponent(dbpassword);
  if (dbname !== undefined) url.pathname = `/${encodeURIComponent(dbname)}`;
  return url.href;
}
