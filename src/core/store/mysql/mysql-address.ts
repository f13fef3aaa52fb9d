import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { KernelscopeError } from '../../base/kernelscope-error.ts';

/** A database as an address names it: `mysql://USER:PASSWORD@HOST:PORT/NAME?ssl-ca=FILE&socket=PATH`. */
export interface MysqlAddress {
  readonly options: MysqlConnectOptions;
  readonly name: string;
  /** Without the password. */
  readonly location: string;
}

/** How a server is reached, in the words of mysql2. */
export interface MysqlConnectOptions {
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly user: string;
  readonly password?: string;
  readonly ssl?: MysqlTlsOptions;
}

interface MysqlTlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: true;
  readonly verifyIdentity: boolean;
}

const parameters = ['socket', 'ssl', 'ssl-ca', 'ssl-cert', 'ssl-key', 'ssl-mode'];
/** How much of a server's certificate is checked: who signed it and for whom, or the first alone. */
const sslModes = ['verify-identity', 'verify-ca'];

/** Reads an address. Throws `usage` for one that is none, a parameter that does not exist, or a file that cannot be read. */
export function parseMysqlAddress(address: string): MysqlAddress {
  const { url, user, password, name } = readUrl(address);
  const params = url.searchParams;
  for (const key of params.keys()) {
    if (parameters.includes(key)) continue;
    throw new KernelscopeError('usage', `a MySQL address has no parameter '${key}'`, {
      suggestions: [`parameters are: ${parameters.join(', ')}`],
    });
  }
  const socket = params.get('socket');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = Number(url.port || 3306);
  const ssl = readSsl(params, host);
  return {
    name,
    location: `mysql://${user}@${socket ?? `${url.hostname || 'localhost'}:${port}`}/${name}`,
    options: {
      ...(socket === null ? { host, port } : { socketPath: socket }),
      user,
      ...(password !== '' && { password }),
      ...(ssl !== undefined && { ssl }),
    },
  };
}

function readUrl(address: string) {
  try {
    const url = new URL(address);
    return {
      url,
      user: decodeURIComponent(url.username) || 'root',
      password: decodeURIComponent(url.password),
      name: decodeURIComponent(url.pathname.slice(1)) || 'kernelscope',
    };
  } catch {
    // What was written is not repeated: it may hold a password.
    throw new KernelscopeError('usage', 'the address of the MySQL database is not one', {
      suggestions: [
        'write it like mysql://USER:PASSWORD@HOST:3306/NAME, with %40 for @ in a password, %2F for /, %25 for %',
      ],
    });
  }
}

function readSsl(params: URLSearchParams, host: string): MysqlTlsOptions | undefined {
  const isWanted = ['ssl', 'ssl-ca', 'ssl-cert', 'ssl-key', 'ssl-mode'].some((key) => params.has(key));
  if (!isWanted || params.get('ssl') === 'false') return undefined;
  const mode = oneOf(params, 'ssl-mode', sslModes);
  oneOf(params, 'ssl', ['true']);
  const files = { ca: params.get('ssl-ca'), cert: params.get('ssl-cert'), key: params.get('ssl-key') };
  const given = Object.entries(files).flatMap(([name, file]) =>
    file === null ? [] : [[name, readPem(file)]],
  );
  return {
    ...Object.fromEntries(given),
    rejectUnauthorized: true,
    // mysql2 compares names only: a server that is addressed by number would be taken for one called localhost.
    verifyIdentity: mode !== 'verify-ca' && isIP(host) === 0,
  };
}

function oneOf(params: URLSearchParams, key: string, allowed: readonly string[]): string | undefined {
  const value = params.get(key) ?? undefined;
  if (value === undefined || allowed.includes(value)) return value;
  throw new KernelscopeError('usage', `${key} in a MySQL address cannot be '${value}'`, {
    suggestions: [`write ${allowed.map((each) => `${key}=${each}`).join(' or ')}`],
  });
}

function readPem(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new KernelscopeError('usage', `${file} cannot be read: ${(error as Error).message}`);
  }
  if (text.includes('-----BEGIN ')) return text;
  throw new KernelscopeError('usage', `${file} holds no certificate or key in PEM form`);
}
