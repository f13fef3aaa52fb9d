import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/dev.js', import.meta.url));
const nodeArgs = ['--disable-warning=ExperimentalWarning'];
/** A process that is started hundreds of times need not be compiled as often. */
const childEnvironment = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'kernelscope-compile-cache') };

/** A service in a process of its own, as `kernelscope serve ...` runs it. */
export interface ServiceProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  readonly stderr: () => string;
  /** The most memory that it had so far: the kernel's count. */
  readonly peakRssBytes: () => number;
  /** Ends it by SIGKILL, as the kernel does when memory runs out. */
  kill(): Promise<void>;
  /** Ends it in order, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** How a command ended. */
export interface EndedCommand {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `serve logger` with these flags; ready when this resolves. Throws with its stderr where it ends instead. */
export function startLogger(
  flags: readonly string[],
  options: { readonly port?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ServiceProcess> {
  return startService('logger', flags, options);
}

/** Starts `serve web` with these flags; see `startLogger`. */
export function startWeb(flags: readonly string[]): Promise<ServiceProcess> {
  return startService('web', flags, {});
}

/** Runs a command to its end. */
export function runKernelscope(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): EndedCommand {
  const { error, status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs, program, ...args], {
    env: { ...childEnvironment, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, stderr };
}

async function startService(
  service: 'logger' | 'web',
  flags: readonly string[],
  { port = 0, env = {} }: { readonly port?: number; readonly env?: Readonly<Record<string, string>> },
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [...nodeArgs, program, 'serve', service, ...flags, String(port)], {
    env: { ...childEnvironment, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let written = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      const match = new RegExp(`^${service} on (\\S+)`, 'm').exec(written);
      if (match !== null) resolve(match[1]!);
    });
    exited.then(() => reject(new Error(`serve ${service} ended:\n${written}`)), reject);
  });
  return {
    url,
    process: child,
    stderr: () => written,
    peakRssBytes: () => peakRssBytes(child.pid!),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

function peakRssBytes(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (match === null) throw new Error(`process ${pid} has no VmHWM`);
  return Number(match[1]) * 1024;
}
