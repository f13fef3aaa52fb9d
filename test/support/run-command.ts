import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { asUser, userOf } from './as-user.ts';
import { projectRoot } from './read-module.ts';

/** How a run of the command line ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is around the program. */
export interface Surroundings {
  /** Variables besides PATH, and those that are not to be there; a home is none of them unless it is said. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string;
  /** User and group that it runs as; root alone may say so. */
  readonly uid?: number;
}

/** Nothing of the user's; what is compiled once is not compiled again for each run. */
export const plainEnvironment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  NODE_COMPILE_CACHE: join(tmpdir(), 'kernelscope-compile-cache'),
};

/** Runs `kernelscope ARGS` from the sources to its end, with an environment that holds nothing of the user's. */
export async function kernelscope(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { env = {}, input, cwd, uid } = surroundings;
  const command = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(projectRoot, 'bin/dev.js'),
    ...args,
  ];
  const [program = '', ...rest] = uid === undefined ? command : asUser(userOf(uid), command);
  const child = spawn(program, rest, {
    cwd: cwd ?? tmpdir(),
    env: { ...plainEnvironment, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: 110_000,
  });
  child.stdin?.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ]);
  return { exitCode: exitCode as number | null, stdout, stderr };
}
