import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A MariaDB server of a test's own: its own data folder and a loopback port, gone when the test is over. */
export interface PrivateMariadb {
  readonly port: number;
  readonly socket: string;
  readonly folder: string;
  /** Address of a database of that name, as its root, who needs no password on loopback. */
  readonly url: (database: string) => string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Says why no MariaDB can be started here; undefined where one can. */
export function whyNoMariadb(): string | undefined {
  return existsSync('/usr/sbin/mariadbd') ? undefined : 'mariadb-server is not installed';
}

/** Starts a server; `extraArgs` are passed to it. Ready when this resolves. */
export async function startMariadb(extraArgs: readonly string[] = []): Promise<PrivateMariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-mariadb-'));
  execFileSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--datadir=${folder}/data`,
      `--user=${userName()}`,
    ],
    { stdio: 'pipe' },
  );
  const port = await freePort();
  const socket = `${folder}/socket`;
  const server = spawn(
    '/usr/sbin/mariadbd',
    [
      '--no-defaults',
      `--datadir=${folder}/data`,
      `--socket=${socket}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--user=${userName()}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=512M',
      `--pid-file=${folder}/pid`,
      ...extraArgs,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  server.stderr!.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-10_000);
  });
  while (!accepts(socket)) {
    if (server.exitCode !== null) throw new Error(`mariadbd ended with ${server.exitCode}:\n${complaint}`);
    await delay(100);
  }
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    port,
    socket,
    folder,
    process: server,
    stop,
    url: (database) => `mysql://root@127.0.0.1:${port}/${database}`,
  };
}

function accepts(socket: string): boolean {
  if (!existsSync(socket)) return false;
  try {
    execFileSync('mariadb-admin', ['--no-defaults', `--socket=${socket}`, '--user=root', 'ping'], {
      stdio: 'pipe',
    });
    return true;
  } catch {
    return false;
  }
}

function userName(): string {
  return execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
