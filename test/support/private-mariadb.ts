import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import type { AskDatabase } from './stored-batches.ts';

/** The server's program. */
export const MARIADBD = '/usr/sbin/mariadbd';

/** A MariaDB server of a test's own: its own data folder and a loopback port, gone when the test is over. */
export interface PrivateMariadb {
  readonly port: number;
  readonly socket: string;
  readonly folder: string;
  /** Address of a database of that name, as its root, who needs no password on loopback. */
  readonly url: (database: string) => string;
  readonly process: ChildProcess;
  /** Ends the server; its data stay, and `start` brings it back on the same port. */
  down(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts a server that is down, with the arguments it had and these. */
  start(moreArgs?: readonly string[]): Promise<void>;
  /** Ends the server for good. */
  stop(): Promise<void>;
}

/** Says why no MariaDB can be started here; undefined where one can. */
export function whyNoMariadb(): string | undefined {
  return existsSync(MARIADBD) ? undefined : 'mariadb-server is not installed';
}

/** Starts a server; `extraArgs` are passed to it. Ready when this resolves. */
export async function startMariadb(extraArgs: readonly string[] = []): Promise<PrivateMariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-mariadb-'));
  installDataFolder(`${folder}/data`);
  const [port] = await freePorts(1);
  return runMariadb(folder, port!, extraArgs);
}

/** Makes the data folder of a server that was never started. */
export function installDataFolder(dataFolder: string): void {
  execFileSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${dataFolder}`,
      `--user=${userInfo().username}`,
    ],
    { stdio: 'pipe', env: { ...process.env, TMPDIR: dirname(dataFolder) } },
  );
}

/** How a server is run, where not as usual. */
interface RunOptions {
  /** Arguments of the first start alone. */
  readonly firstArgs?: readonly string[];
  /** Where programs that the server runs are looked for first. */
  readonly path?: string;
  /** A server program that takes the arguments of mariadbd. */
  readonly command?: string;
}

/** Gives the arguments of a server over `folder/data` that listens on loopback and on a socket of its own alone. */
export function serverArgs(folder: string, port: number): readonly string[] {
  return [
    '--no-defaults',
    `--datadir=${folder}/data`,
    `--socket=${socketOf(folder)}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--user=${userInfo().username}`,
    '--skip-name-resolve',
    '--innodb-buffer-pool-size=512M',
    `--pid-file=${folder}/pid`,
    // A server that starts deletes what looks like temporary tables in this folder: those of others too, were it shared.
    `--tmpdir=${folder}`,
  ];
}

function socketOf(folder: string): string {
  return `${folder}/socket`;
}

/** Runs a server over `folder/data`; `stop` removes the folder. */
export async function runMariadb(
  folder: string,
  port: number,
  extraArgs: readonly string[],
  { firstArgs = [], path, command = MARIADBD }: RunOptions = {},
): Promise<PrivateMariadb> {
  const socket = socketOf(folder);
  const args = [...serverArgs(folder, port), ...extraArgs];
  let server: ChildProcess;
  const start = async (moreArgs: readonly string[] = []) => {
    server = await startServer(command, [...args, ...moreArgs], socket, path);
  };
  const down = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  };
  await start(firstArgs);
  return {
    port,
    socket,
    folder,
    get process() {
      return server;
    },
    start,
    down,
    stop: async () => {
      // What is thrown away next need not be put in order first.
      await down('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    url: (database) => `mysql://root@127.0.0.1:${port}/${database}`,
  };
}

/** Runs a block with a plain connection of its own to a database, which no code of ours has a part in. */
export async function withMysql<T>(url: string, run: (ask: AskDatabase) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url, rowsAsArray: true });
  try {
    return await run(async (sql) => {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as unknown as unknown[][]) : [];
    });
  } finally {
    await connection.end();
  }
}

/** Gives ports that are free now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(
    servers.map((server) => {
      server.close();
      return once(server, 'close');
    }),
  );
  return ports;
}

async function startServer(
  command: string,
  args: readonly string[],
  socket: string,
  path: string | undefined,
): Promise<ChildProcess> {
  const PATH = [path, process.env.PATH].filter((part) => part !== undefined).join(':');
  const server = spawn(command, args, {
    env: { ...process.env, PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  server.stderr!.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-10_000);
  });
  while (!(await accepts(socket))) {
    if (server.exitCode !== null || server.signalCode !== null)
      throw new Error(`${command} ended with ${server.exitCode ?? server.signalCode}:\n${complaint}`);
    await delay(100);
  }
  return server;
}

async function accepts(socketPath: string): Promise<boolean> {
  try {
    const connection = await createConnection({ socketPath, user: 'root' });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}
