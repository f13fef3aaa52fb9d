import { join } from 'node:path';
import type { TraceProgram } from '../trace/trace-program.ts';
import {
  findHostObstacles,
  findProgramObstacles,
  type HostObstacles,
  type TraceHost,
  type TraceObstacle,
} from '../trace/why-cannot-trace.ts';
import { checkHost, type HostCheck } from './check-host.ts';
import { readHost } from './read-host.ts';

/** What one trace program can do on this host. */
export interface ProgramVerdict {
  readonly name: string;
  readonly summary: string;
  readonly canTrace: boolean;
  /** What keeps it from that: names of checks that are missing first. */
  readonly missing: readonly string[];
  /** What the host lacks for this program alone. */
  readonly obstacles: readonly TraceObstacle[];
}

/** What this host can trace, and what is missing. */
export interface Diagnosis {
  readonly canTrace: boolean;
  readonly checks: readonly HostCheck[];
  readonly programs: readonly ProgramVerdict[];
}

/**
 * Looks at what this process can trace here. Changes nothing, and needs no rights. `root` is where /proc and /sys are:
 * elsewhere than at `/` the kernel is not asked. Never throws a user's problem.
 */
export async function examineHost(programs: readonly TraceProgram[], root = '/'): Promise<Diagnosis> {
  const host = hostAt(root);
  const ofHost = findHostObstacles(host);
  const checks = checkHost(readHost(root), ofHost);
  const missing = checks.filter(({ status }) => status === 'missing').map(({ name }) => name);
  const verdicts: ProgramVerdict[] = [];
  // One after the other: each is loaded into the kernel for a moment.
  for (const program of programs) verdicts.push(await judge(program, missing, ofHost, host));
  return { canTrace: verdicts.every(({ canTrace }) => canTrace), checks, programs: verdicts };
}

async function judge(
  program: TraceProgram,
  missingOfHost: readonly string[],
  ofHost: HostObstacles,
  host: TraceHost,
): Promise<ProgramVerdict> {
  const obstacles = await findProgramObstacles(program, ofHost, host);
  const missing = [...missingOfHost, ...obstacles.map(({ kind }) => kind)];
  const { name, summary } = program;
  return { name, summary, canTrace: missing.length === 0, missing, obstacles };
}

function hostAt(root: string): TraceHost {
  if (root === '/') return {};
  return {
    platform: 'linux',
    btfPath: join(root, 'sys/kernel/btf/vmlinux'),
    kallsymsPath: join(root, 'proc/kallsyms'),
    statusPath: join(root, 'proc/self/status'),
    lockdownPath: join(root, 'sys/kernel/security/lockdown'),
    perfPath: join(root, 'proc/sys/kernel/perf_event_paranoid'),
    asksKernel: false,
  };
}
