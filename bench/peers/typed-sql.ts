import { execFileSync } from 'node:child_process';
import type { StoreLocation } from '../../src/core/store/index.ts';

/** The program that a person who knows SQL types questions into. */
export interface TypedSql {
  readonly program: string;
  /** Asks for a single number, in a process of its own. */
  readonly ask: (sql: string) => number;
}

/** Gives the program for a database: sqlite3 on the same file, or mysql to the same server. */
export function typedSql({ backend, address }: StoreLocation): TypedSql {
  const [program, args] = backend === 'sqlite' ? ['sqlite3', ['-readonly', address]] : mysqlCommand(address);
  const ask = (sql: string) =>
    Number(
      execFileSync(program, [...args, sql], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .at(-1),
    );
  return { program, ask };
}

function mysqlCommand(address: string): readonly [string, readonly string[]] {
  const { hostname, port, username, pathname } = new URL(address);
  const server = ['--no-defaults', '--protocol=tcp', `--host=${hostname}`, `--port=${port || 3306}`];
  const login = [`--user=${decodeURIComponent(username)}`, `--database=${pathname.slice(1)}`];
  return ['mysql', [...server, ...login, '--batch', '--skip-column-names', '--execute']];
}
