import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Result } from './index.ts';
import { median } from './measure.ts';

export const title =
  'how much longer does a context switch take under our tracer, an empty program, bpftrace and libbpf-tools?';

const rounds = 11;
const repeats = 10;
const switches = 20_000;
const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const helper = fromRoot('dist/assets/bpf/kernelscope-trace');
const tracingFolder = '/sys/kernel/tracing';

/** A program that traces every switch of the machine until it is ended. */
interface Tracer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How many times another tracer's added time it may cost. */
  readonly goal?: { readonly times: number; readonly of: string };
}

/** Times a ping-pong on one CPU under each tracer in turns, and tells what it adds to a switch. */
export async function run(): Promise<Result> {
  if (!existsSync(helper)) throw new Error(`${helper} is missing: npm run build`);
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-tracer-'));
  // bpftrace finds tracepoints there.
  const isMounted = spawnSync('mount', ['-t', 'tracefs', 'none', tracingFolder]).status === 0;
  try {
    return await compare(folder);
  } finally {
    if (isMounted) spawnSync('umount', [tracingFolder]);
    rmSync(folder, { recursive: true });
  }
}

async function compare(folder: string): Promise<Result> {
  const pingpong = join(folder, 'pingpong');
  execFileSync('gcc', ['-O2', '-o', pingpong, fromRoot('bench/tracer/pingpong.c')]);
  const all = listTracers(folder);
  const tracers = all.filter(({ command }) => spawnSync('which', [command]).status === 0);
  const untraced: number[] = [];
  const differences = tracers.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [place, tracer] of tracers.entries()) {
      const before = timeSwitch(pingpong);
      const child = await start(tracer);
      const under = timeSwitch(pingpong);
      await stop(child);
      const after = timeSwitch(pingpong);
      untraced.push(before, after);
      // Against its neighbours, because the processor's speed drifts with what else the host does.
      differences[place]!.push(under - (before + after) / 2);
    }
  }
  const added = new Map(tracers.map(({ name }, place) => [name, median(differences[place]!)]));
  const empty = added.get('empty program') ?? Number.NaN;
  const rows = tracers.map(({ name, goal }) => {
    const ns = added.get(name)!;
    return [name, ns.toFixed(0), (ns / empty).toFixed(1), goal === undefined ? '' : verdict(ns, goal, added)];
  });
  return {
    columns: ['tracer', 'added ns per switch', 'times an empty program', 'goal'],
    rows,
    notes: [
      `medians of ${rounds} rounds, each the fastest of ${repeats} runs of ${switches} switches, less the same untraced just before and after`,
      `a switch untraced takes ${median(untraced).toFixed(0)} ns`,
      'ours is trace offcpu; oncpu, offwake and runqlat are our other programs',
      'bpftrace walks kernel stacks; libbpf-tools walks kernel and user stacks, and cannot be asked for less',
      await describeIdle(),
      ...all.filter((tracer) => !tracers.includes(tracer)).map(({ name }) => `${name}: not installed`),
    ],
  };
}

function listTracers(folder: string): readonly Tracer[] {
  const object = join(folder, 'empty.o');
  const loader = join(folder, 'empty');
  execFileSync('clang', [
    '-target',
    'bpf',
    '-O2',
    '-g',
    '-c',
    fromRoot('bench/tracer/empty.bpf.c'),
    '-o',
    object,
  ]);
  execFileSync('gcc', ['-O2', '-o', loader, fromRoot('bench/tracer/empty.c'), '-lbpf']);
  const script = fromRoot('bench/tracer/offcputime.bt');
  const peer = existsSync('/usr/sbin/offcputime') ? '/usr/sbin/offcputime' : 'offcputime';
  const ours = (name: string, args: readonly string[], goal?: Tracer['goal']): Tracer => ({
    name,
    command: helper,
    args: ['offcpu', ...args],
    ...(goal === undefined ? {} : { goal }),
  });
  return [
    { name: 'empty program', command: loader, args: [object] },
    ours('ours, 1 ms threshold', ['--min-ns', '1000000'], { times: 3, of: 'empty program' }),
    ours('ours, every block', [], { times: 0.5, of: 'libbpf-tools, every block' }),
    ours('ours, every block, portable build', ['--portable']),
    ours('ours, every block, as on Linux 5.8', ['--walk-out']),
    ours('ours, user stacks, 1 ms threshold', ['--user-stacks', '--min-ns', '1000000']),
    ours('ours, user stacks, every block', ['--user-stacks'], {
      times: 0.8,
      of: 'libbpf-tools, every block',
    }),
    { name: 'oncpu', command: helper, args: ['oncpu'] },
    { name: 'offwake, 1 ms threshold', command: helper, args: ['offwake', '--min-ns', '1000000'] },
    { name: 'offwake, every block', command: helper, args: ['offwake'] },
    { name: 'runqlat', command: helper, args: ['runqlat'] },
    { name: 'bpftrace, 1 ms threshold', command: 'bpftrace', args: [script, '1000000'] },
    { name: 'bpftrace, every block', command: 'bpftrace', args: [script, '0'] },
    { name: 'libbpf-tools, 1 ms threshold', command: peer, args: ['-m', '1000'] },
    { name: 'libbpf-tools, every block', command: peer, args: ['-m', '0'] },
  ];
}

function verdict(ns: number, goal: NonNullable<Tracer['goal']>, added: ReadonlyMap<string, number>): string {
  const other = added.get(goal.of);
  if (other === undefined) return `no ${goal.of}`;
  const ratio = ns / other;
  return `${ratio.toFixed(2)} of ${goal.of}: ${ratio <= goal.times ? 'at most' : 'MISSED'} ${goal.times}`;
}

function timeSwitch(pingpong: string): number {
  return Number(execFileSync(pingpong, ['1', String(switches / 2), String(repeats)], { encoding: 'utf8' }));
}

/** Starts a tracer and waits until it holds what the kernel gives for an attached program. */
async function start(tracer: Tracer): Promise<ChildProcess> {
  const child = spawn(tracer.command, tracer.args, { stdio: ['pipe', 'ignore', 'ignore'] });
  const isAttached = () =>
    readdirSync(`/proc/${child.pid}/fd`).some((fd) => {
      try {
        return /bpf_link|perf_event|bpf-raw-tracepoint/.test(readlinkSync(`/proc/${child.pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  for (let tries = 0; !isAttached(); tries++) {
    if (child.exitCode !== null || tries > 1000) throw new Error(`${tracer.name} does not start`);
    await sleep(20);
  }
  await sleep(200);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGKILL');
  await exit;
}

/** What our helper takes while nothing asks anything of it. */
async function describeIdle(): Promise<string> {
  const child = await start({ name: 'ours', command: helper, args: ['offcpu', '--min-ns', '1000000'] });
  const cpuTicks = () => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = cpuTicks();
  await sleep(3_000);
  const ticks = cpuTicks() - before;
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  await stop(child);
  return `our helper, idle for 3 s: ${ticks * 10} ms of CPU, ${(Number(rss) / 1024).toFixed(1)} MB resident`;
}
