import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, constants as fsConstants } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** The user that a command is run as, in place of root. */
export interface CommandUser {
  readonly uid: number;
  readonly gid: number;
}

/** How a command is to be run. */
export interface CommandOptions {
  /** As whom; as whoever runs this where absent. */
  readonly user?: CommandUser;
  /** What the command prints on stdout goes to stderr, because stdout is for records. */
  readonly stdoutToStderr?: boolean;
}

/** A shell that waits for a line on its third descriptor, and then becomes the command, with the same process id. */
const WAIT_THEN_EXEC = 'read -r _ <&3 && exec "$@" 3<&-';

/** A command that exists as a process but has not begun: it waits until it is released. */
export class HeldCommand {
  readonly pid: number;
  /** The exit code as a shell gives it: 128 + n for one that ended by signal n. */
  readonly exitCode: Promise<number>;
  readonly #child: ChildProcess;
  readonly #gate: Writable;
  #hasBegun = false;

  constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.#child = child;
    this.#gate = child.stdio[3] as Writable;
    // One that was ended while it waited reads nothing any more.
    this.#gate.on('error', () => {});
    this.exitCode = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
      });
    });
  }

  /** Whether it was released. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Lets the command begin. */
  release(): void {
    this.#hasBegun = true;
    this.#gate.end('\n');
  }

  /** Ends it before it began; does nothing to one that was released. */
  abandon(): void {
    this.#gate.end();
  }

  /** Sends it a signal, as long as it is there. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/**
 * Starts a process that waits, and becomes the command once it is released. It shares this process's terminal, its input
 * and output. A command that cannot be run exits with 127 or 126, as in a shell. Throws `usage` for what is no command, and
 * `cannot_trace` where it cannot be run as the other user.
 */
export async function holdCommand(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<HeldCommand> {
  const [name = ''] = command;
  if (name === '' || name.startsWith('-')) {
    throw new KernelscopeError('usage', `'${name}' is no command`, {
      suggestions: ['write the command, then its arguments, behind --'],
    });
  }
  const { user, stdoutToStderr = false } = options;
  const account = user === undefined ? undefined : findAccount(user.uid);
  const asUser = user === undefined ? [] : switchUser(user, account);
  const child = spawn('/bin/sh', ['-c', WAIT_THEN_EXEC, 'kernelscope', ...asUser, ...command], {
    stdio: ['inherit', stdoutToStderr ? 2 : 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, ...account },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new KernelscopeError('cannot_trace', `'${name}' cannot be run: ${error.message}`));
    });
  });
  return new HeldCommand(child, child.pid as number);
}

/** The user who became root by sudo, from what sudo leaves in the environment; undefined where there is none. */
export function sudoUser(
  env: NodeJS.ProcessEnv,
  uid: number | undefined = process.getuid?.(),
): CommandUser | undefined {
  const user = { uid: Number(env.SUDO_UID || Number.NaN), gid: Number(env.SUDO_GID || Number.NaN) };
  const isUser = Number.isInteger(user.uid) && user.uid > 0 && Number.isInteger(user.gid) && user.gid >= 0;
  return uid === 0 && isUser ? user : undefined;
}

/** The arguments that run a command as another user, with the groups that this user has. */
function switchUser({ uid, gid }: CommandUser, account: Account | undefined): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/bin');
  const setpriv = folders.map((folder) => join(folder, 'setpriv')).find(isExecutable);
  if (setpriv === undefined) {
    throw new KernelscopeError(
      'cannot_trace',
      `the command cannot be run as user ${uid}: there is no setpriv`,
      {
        suggestions: [
          'install util-linux, which setpriv is part of',
          'or, to run it as root, unset SUDO_UID',
        ],
      },
    );
  }
  // A uid without an account is in no groups but its own.
  const groups = account === undefined ? '--clear-groups' : '--init-groups';
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, groups, '--inh-caps=-all', '--'];
}

/** What the environment of a user says of the user. */
interface Account extends Readonly<Record<string, string>> {
  readonly USER: string;
  readonly LOGNAME: string;
  readonly HOME: string;
}

/** Looks a user up wherever this system keeps its users; undefined where it has no such user. */
function findAccount(uid: number): Account | undefined {
  try {
    const line = execFileSync('getent', ['passwd', String(uid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [name, , , , , home] = line.trim().split(':');
    if (!name || !home) return undefined;
    return { USER: name, LOGNAME: name, HOME: home };
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, fsConstants.X_OK);
    return true;
  } catch {
    return false;
  }
}
