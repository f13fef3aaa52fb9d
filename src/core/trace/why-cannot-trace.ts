import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { extractAsset } from '../assets/extract-asset.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { helperError } from './helper-error.ts';
import { missingNeeds } from './missing-needs.ts';
import { parseHelperOutput } from './parse-helper-output.ts';
import { HELPER_ASSET } from './run-trace.ts';
import { readKernelSymbols } from './symbolize.ts';
import type { TraceProgram } from './trace-program.ts';

/** The kernel's type information. */
const BTF_PATH = '/sys/kernel/btf/vmlinux';

/** One thing that keeps a program from being traced, and how to get it. */
export interface TraceObstacle {
  /** What is in the way, the same word on every host; `kernel` is what the kernel says when it is asked. */
  readonly kind:
    | 'platform'
    | 'btf'
    | 'capabilities'
    | 'symbols'
    | 'lockdown'
    | 'helper'
    | 'tracepoint'
    | 'perf_events'
    | 'kernel';
  readonly reason: string;
  readonly remedies: readonly string[];
}

/** Where the facts about a host are read from; tests put their own in. */
export interface TraceHost {
  readonly platform?: string;
  readonly btfPath?: string;
  readonly kallsymsPath?: string;
  readonly statusPath?: string;
  readonly lockdownPath?: string;
  /** The file that is there where the kernel has perf events. */
  readonly perfPath?: string;
  /** False where the facts are another host's, so that this one's kernel has nothing to say. */
  readonly asksKernel?: boolean;
}

/** What keeps this host from tracing anything, and the helper, which is empty where it cannot be run. */
export interface HostObstacles {
  readonly obstacles: readonly TraceObstacle[];
  readonly helper: string;
}

/**
 * Finds everything that keeps this process from tracing the program; nothing where it can. When nothing else is in the
 * way, the kernel is asked by loading the program for a moment without attaching it. Never throws a user's problem.
 */
export async function whyCannotTrace(
  program: TraceProgram,
  host: TraceHost = {},
): Promise<readonly TraceObstacle[]> {
  const ofHost = findHostObstacles(host);
  if (ofHost.obstacles.length > 0) return ofHost.obstacles;
  return findProgramObstacles(program, ofHost, host);
}

/** Finds what keeps this process from tracing whatever the program. Never throws a user's problem. */
export function findHostObstacles(host: TraceHost = {}): HostObstacles {
  const { platform = process.platform } = host;
  if (platform !== 'linux') {
    const obstacle: TraceObstacle = {
      kind: 'platform',
      reason: `tracing needs Linux, and this is ${platform}`,
      remedies: ['storing, querying and drawing work here; trace on a Linux host'],
    };
    return { obstacles: [obstacle], helper: '' };
  }
  const obstacles = [
    ...missingBtf(host.btfPath ?? BTF_PATH),
    ...missingCapabilities(host.statusPath ?? '/proc/self/status'),
    ...obstacleOf('symbols', () => readKernelSymbols(host.kallsymsPath)),
    ...lockdown(host.lockdownPath ?? '/sys/kernel/security/lockdown'),
  ];
  let helper = '';
  obstacles.push(
    ...obstacleOf('helper', () => {
      helper = extractAsset(HELPER_ASSET, { executable: true });
    }),
  );
  return { obstacles, helper };
}

/**
 * Finds what keeps this process from tracing the program besides what `findHostObstacles` found. The kernel is asked only
 * where nothing else is in the way. Never throws a user's problem.
 */
export async function findProgramObstacles(
  program: TraceProgram,
  ofHost: HostObstacles,
  host: TraceHost = {},
): Promise<readonly TraceObstacle[]> {
  const { btfPath = BTF_PATH, perfPath = '/proc/sys/kernel/perf_event_paranoid' } = host;
  const hasTypes = !ofHost.obstacles.some(({ kind }) => kind === 'platform' || kind === 'btf');
  const missing = hasTypes ? missingNeeds(program.needs ?? {}, { btfPath, perfPath }) : [];
  if (missing.length > 0 || ofHost.obstacles.length > 0 || host.asksKernel === false) return missing;
  return refusalOfKernel(ofHost.helper, program);
}

function missingBtf(path: string): readonly TraceObstacle[] {
  try {
    accessSync(path, constants.R_OK);
    return [];
  } catch {
    const error = helperError({
      type: 'error',
      code: 'no_btf',
      message: `the kernel offers no type information (BTF): ${path} cannot be read`,
    });
    return [toObstacle('btf', error)];
  }
}

/** Confidentiality keeps every program from reading what is in the kernel's memory, its stacks among it. */
function lockdown(path: string): readonly TraceObstacle[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  if (!text.includes('[confidentiality]')) return [];
  const message = 'the kernel is locked down (confidentiality), so that no program may read its memory';
  return [toObstacle('lockdown', helperError({ type: 'error', code: 'lockdown', message }))];
}

const capabilityBits = { CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;

/** What an executed helper will have: everything a root process has, but only the ambient set of another user's. */
function missingCapabilities(statusPath: string): readonly TraceObstacle[] {
  let status: string;
  try {
    status = readFileSync(statusPath, 'utf8');
  } catch {
    return [];
  }
  const field = (name: string) => new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1];
  const isRoot = /^Uid:\s+\d+\s+0\s/m.test(status);
  const set = field(isRoot ? 'CapEff' : 'CapAmb');
  if (set === undefined) return [];
  const mask = BigInt(`0x${set}`);
  const has = (name: keyof typeof capabilityBits) => (mask & (1n << BigInt(capabilityBits[name]))) !== 0n;
  if (has('CAP_SYS_ADMIN') || (has('CAP_BPF') && has('CAP_PERFMON'))) return [];
  const message = isRoot
    ? 'this root user has neither CAP_SYS_ADMIN nor CAP_BPF and CAP_PERFMON, as in a container'
    : 'tracing needs root, or the ambient capabilities CAP_BPF and CAP_PERFMON';
  return [toObstacle('capabilities', helperError({ type: 'error', code: 'permission', message }))];
}

/** Lets the helper load the program without attaching it, and reports why the kernel refuses. */
async function refusalOfKernel(helper: string, program: TraceProgram): Promise<readonly TraceObstacle[]> {
  const child = spawn(helper, [program.name, '--check'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
    cwd: '/',
  });
  child.on('error', () => {});
  try {
    for await (const message of parseHelperOutput(child.stdout)) {
      if (message.type === 'ready') return [];
      if (message.type === 'error') return [toObstacle('kernel', helperError(message))];
    }
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    return [toObstacle('helper', error)];
  } finally {
    child.kill('SIGKILL');
  }
  return [
    {
      kind: 'helper',
      reason: `the trace helper ${helper} ends without a word`,
      remedies: [
        'it may be built for another processor, or a security module may end it: see the audit log and dmesg',
      ],
    },
  ];
}

function obstacleOf(kind: TraceObstacle['kind'], step: () => void): readonly TraceObstacle[] {
  try {
    step();
    return [];
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    return [toObstacle(kind, error)];
  }
}

function toObstacle(kind: TraceObstacle['kind'], error: KernelscopeError): TraceObstacle {
  return { kind, reason: error.message, remedies: error.suggestions };
}
