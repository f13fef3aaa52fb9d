import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a child process gave, and the most memory it took. */
export interface ChildAnswer<T> {
  readonly result: T;
  readonly peakRssMB: number;
}

/** Heap that a child may take, in MB: the naive way needs all of its rows. */
const MAX_HEAP_MB = 12_000;

/**
 * Runs `bench/store-data/children/<name>.ts`, which exports `run(...args)`, in a process of its own. Arguments and
 * result go as JSON. Throws when the child fails.
 */
export async function runInChild<T>(name: string, args: readonly unknown[]): Promise<ChildAnswer<T>> {
  const starter = fileURLToPath(new URL('./children/start.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${MAX_HEAP_MB}`, starter, name, JSON.stringify(args)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return JSON.parse(output) as ChildAnswer<T>;
}
