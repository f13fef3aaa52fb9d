import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StoreLocation } from '../../src/core/store/index.ts';

/** What a server has used since it started, and how late its event loop was since it was last asked. */
export interface ServerUse {
  readonly peakRssMB: number;
  readonly cpuS: number;
  readonly eventLoopDelayP99Ms: number;
}

/** A server under measure, in a process of its own. */
export interface MeasuredServer {
  readonly url: string;
  /** Asks `/metrics`, which also starts the next span of the event loop's delays. */
  use(): Promise<ServerUse>;
  stop(): Promise<void>;
}

/** Timer of the event loop's monitor, whose length is part of every delay that it reports. */
const MONITOR_MS = 10;
/** Steps in which the kernel counts CPU time, per second. */
const TICKS_PER_S = 100;

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts `node <args>` in the project's folder; ready once it says `... http://HOST:PORT ...` on stderr. Throws if it ends before. */
export async function startServer(args: readonly string[]): Promise<MeasuredServer> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await readUrl(child);
  return {
    url,
    use: async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const delayS = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)?.[1];
      return {
        ...readProcess(child.pid!),
        eventLoopDelayP99Ms: Math.max(0, Number(delayS) * 1000 - MONITOR_MS),
      };
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Starts `kernelscope serve logger` from the sources. */
export function startLogger({ backend, address }: StoreLocation): Promise<MeasuredServer> {
  const flag = backend === 'sqlite' ? '--sqlite' : '--mysql';
  const args = ['bin/dev.js', 'serve', 'logger', flag, address, '0'];
  return startServer(['--disable-warning=ExperimentalWarning', ...args]);
}

async function readUrl(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line);
    const url = /http:\/\/[\w.:]+/.exec(line)?.[0];
    if (url === undefined) continue;
    // What is said later must not fill the pipe.
    child.stderr!.resume();
    return url;
  }
  throw new Error(`the server did not start: ${said.join('\n')}`);
}

/** Reads proc(5): VmHWM of status, and fields 14 and 15 of stat. */
function readProcess(pid: number): Pick<ServerUse, 'peakRssMB' | 'cpuS'> {
  const peakKB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [userTicks, systemTicks] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return { peakRssMB: Number(peakKB) / 1024, cpuS: (userTicks! + systemTicks!) / TICKS_PER_S };
}
