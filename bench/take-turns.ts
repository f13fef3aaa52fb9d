import { median } from './measure.ts';

/** Something to be timed in this process. */
export interface Task {
  readonly name: string;
  readonly run: () => unknown;
}

/** What one run takes; CPU is of this process, all its threads. */
export interface TimeTaken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What the runs of a task took. Other work on the machine only ever adds, so that the fastest says most. */
export interface TaskTimes {
  readonly fastestMs: number;
  readonly medianMs: number;
}

/**
 * Runs every task `rounds` times after one warm-up, in turns, so that a slow moment of the machine hits all of them,
 * and returns what each took, in the same order.
 */
export async function takeTurns(tasks: readonly Task[], rounds: number): Promise<readonly TaskTimes[]> {
  const times = tasks.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [place, { run }] of tasks.entries()) {
      const { wallMs } = await timed(run);
      if (round >= 0) times[place]!.push(wallMs);
    }
  }
  return times.map((wallMs) => ({ fastestMs: Math.min(...wallMs), medianMs: median(wallMs) }));
}

/** Runs once and tells what it took and gave. */
export async function timed<T>(run: () => T | Promise<T>): Promise<TimeTaken & { readonly result: T }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const result = await run();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000, result };
}
