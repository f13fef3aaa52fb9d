import { spawnSync } from 'node:child_process';

/** A program to run whole, from its start to its end. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What it reads on stdin; nothing if absent. */
  readonly input?: string;
}

/** What the kernel counted for one run of a program and the children that it waited for. */
export interface ResourceUse {
  /** In steps of 10 ms. */
  readonly cpuMs: number;
  readonly peakRssMB: number;
}

/**
 * Runs every program `rounds` times after one warm-up, in turns, so that a slow moment of the machine hits all of
 * them, and returns each one's median wall time in ms, in the same order. Throws when a program fails.
 */
export function medianWallMs(programs: readonly Program[], rounds: number): readonly number[] {
  const times = programs.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [place, program] of programs.entries()) {
      const startNs = process.hrtime.bigint();
      runToEnd(program, [program.command, ...program.args]);
      const wallMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      if (round >= 0) times[place]!.push(wallMs);
    }
  }
  return times.map(median);
}

/** Runs a program once under GNU time, Debian package `time`. Throws when it fails or GNU time is missing. */
export function resourceUse(program: Program): ResourceUse {
  const stderr = runToEnd(program, ['/usr/bin/time', '--format=%U %S %M', program.command, ...program.args]);
  const [userS, systemS, peakKB] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { cpuMs: (userS! + systemS!) * 1000, peakRssMB: peakKB! / 1024 };
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Returns what the program wrote to stderr. */
function runToEnd(program: Program, [command, ...args]: readonly string[]): string {
  const { error, status, stderr } = spawnSync(command!, args, {
    input: program.input ?? '',
    stdio: ['pipe', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program.name} ended with exit code ${status}: ${stderr}`);
  return stderr;
}
