import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import { formatDurationNs, KernelscopeError } from '../../core/index.ts';
import { untilStopped } from '../until-stopped.ts';

/** Set for the process that asks while another one, which can end it at any time, looks after it. */
const GUARDED = 'KERNELSCOPE_SQL_GUARDED';
/** What the asking process holds one end of; nothing is ever written to it, and it closes with the process at the other end. */
const LIFELINE_FD = 3;

/** Whether this is the process that asks. */
export function isGuarded(): boolean {
  return process.env[GUARDED] !== undefined;
}

/** Runs this very command once more in a process that can be ended, and ends as that does. Throws `timed_out`. */
export async function runGuarded(timeoutNs: number): Promise<void> {
  const words = isSea() ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, words, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [GUARDED]: '1' },
  });
  const { signal, release } = untilStopped();
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, timeoutNs / 1e6);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (isLate) {
      throw new KernelscopeError('timed_out', `the question took more than ${formatDurationNs(timeoutNs)}`, {
        suggestions: ['give it more with --timeout, or ask for less: where, and limit'],
      });
    }
    process.exitCode = code ?? 130;
  } finally {
    clearTimeout(timer);
    release();
  }
}

/**
 * Ends this process as soon as the one that looks after it is gone, however that ended. A thread watches: SQLite holds
 * this one. It is text, for a module of these lines would be another bundle in the packed program.
 */
export function endWithGuard(): void {
  const watch = `
    const { Socket } = require('node:net');
    new Socket({ fd: ${LIFELINE_FD} })
      .on('error', () => {})
      .on('close', () => process.kill(process.pid, 'SIGKILL'))
      .resume();
  `;
  new Worker(watch, { eval: true, name: 'guard' }).unref();
}
