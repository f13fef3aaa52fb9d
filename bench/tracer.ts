import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Result } from './index.ts';
import { median } from './measure.ts';

export const title =
  'how much longer does a context switch take under our tracer, an empty program, bpftrace and libbpf-tools?';

const switches = 20_000;
/** Runs of the ping-pong of which the fastest counts. */
const repeats = 10;
const rounds = 5;
/** How many at once are timed of a tracer that adds little: one alone is lost in the noise. */
const copiesOf = { little: 10, much: 1 };
/** Rounds in which the kernel keeps account of the programs. */
const countedRounds = 2;
const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const helper = fromRoot('dist/assets/bpf/kernelscope-trace');
const tracingFolder = '/sys/kernel/tracing';
const statistics = '/proc/sys/kernel/bpf_stats_enabled';
const emptyProgram = 'empty program';

/** A program that traces every switch of the machine until it is ended. */
interface Tracer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How much it makes a switch longer, roughly. */
  readonly adds: 'little' | 'much';
  /** How many times another tracer's added time it may cost. */
  readonly goal?: { readonly times: number; readonly of: string };
}

/** What the kernel has counted for BPF programs. */
interface RunTime {
  readonly ns: number;
  readonly runs: number;
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
  const differences = await timeInTurns(pingpong, tracers, untraced);
  const counted = await countInTurns(pingpong, tracers);
  const added = (name: string) => median(differences.get(name)!);
  const rows = tracers.map(({ name, goal }) => [
    name,
    added(name).toFixed(0),
    quartilesOf(differences.get(name)!).join(' to '),
    beyondEmpty(counted.get(name)!, counted.get(emptyProgram)!).toFixed(0),
    (added(name) / added(emptyProgram)).toFixed(1),
    goal === undefined ? '' : verdict(differences.get(name)!, goal, differences),
  ]);
  return {
    columns: [
      'tracer',
      'added ns per switch',
      'quartiles',
      'ns in BPF, beyond empty',
      'times an empty program',
      'goal',
    ],
    rows,
    notes: [
      `added: medians of ${rounds} rounds, each the fastest of ${repeats} runs of ${switches} switches, less the same untraced just before and after`,
      `of those that add little ${copiesOf.little} run at once, and what one adds is a ${copiesOf.little}th: two runs without any differ by more than one adds (${tracers
        .filter(({ adds }) => adds === 'little')
        .map(({ name }) => name)
        .join('; ')})`,
      `ns in BPF: what the kernel counts for the tracer's own programs (bpf_stats_enabled, the least of ${countedRounds * repeats} runs of the ping-pong of their own), per switch, less what it counts for an empty program that is run as often; what a tracepoint costs before its program runs is not in it`,
      'goals are judged by the medians of what is added. Where the quartiles of the difference to the goal, round by round, lie on both sides of it, that is said',
      `a switch untraced takes ${median(untraced).toFixed(0)} ns`,
      'ours is trace offcpu; oncpu, offwake and runqlat are our other programs',
      'bpftrace walks kernel stacks; libbpf-tools walks kernel and user stacks, and cannot be asked for less',
      await describeIdle(),
      ...all.filter((tracer) => !tracers.includes(tracer)).map(({ name }) => `${name}: not installed`),
    ],
  };
}

/** Gives by how much each tracer made a switch longer, for each of its rounds; adds to `untraced` what one takes without. */
async function timeInTurns(
  pingpong: string,
  tracers: readonly Tracer[],
  untraced: number[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const differences = new Map(tracers.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const tracer of tracers) {
      const copies = copiesOf[tracer.adds];
      const before = timeSwitch(pingpong);
      const children = await Promise.all(Array.from({ length: copies }, () => start(tracer)));
      const under = timeSwitch(pingpong);
      await Promise.all(children.map(stop));
      const after = timeSwitch(pingpong);
      untraced.push(before, after);
      // Against its neighbours, because the processor's speed drifts with what else the host does.
      differences.get(tracer.name)!.push((under - (before + after) / 2) / copies);
    }
  }
  return differences;
}

/** Gives the least that the kernel counts for each tracer's programs during a run of the ping-pong. */
async function countInTurns(
  pingpong: string,
  tracers: readonly Tracer[],
): Promise<ReadonlyMap<string, RunTime>> {
  const least = new Map<string, RunTime>();
  const setting = readFileSync(statistics, 'utf8');
  writeFileSync(statistics, '1');
  try {
    for (let round = 0; round < countedRounds; round++) {
      for (const tracer of tracers) {
        const child = await start(tracer);
        for (let part = 0; part < repeats; part++) {
          const before = runTimeOf(child);
          timeSwitch(pingpong, 1);
          const after = runTimeOf(child);
          const ns = after.ns - before.ns;
          if (ns < (least.get(tracer.name)?.ns ?? Number.POSITIVE_INFINITY))
            least.set(tracer.name, { ns, runs: after.runs - before.runs });
        }
        await stop(child);
      }
    }
  } finally {
    writeFileSync(statistics, setting);
  }
  return least;
}

/** What the kernel has counted for all BPF programs that a process holds. */
function runTimeOf(child: ChildProcess): RunTime {
  const folder = `/proc/${child.pid}`;
  const programs = new Map<string, RunTime>();
  for (const fd of readdirSync(`${folder}/fd`)) {
    const info = readFileSync(`${folder}/fdinfo/${fd}`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(info)?.[1];
    const id = field('prog_id');
    if (id !== undefined && field('run_cnt') !== undefined)
      programs.set(id, { ns: Number(field('run_time_ns')), runs: Number(field('run_cnt')) });
  }
  const all = [...programs.values()];
  return { ns: all.reduce((sum, { ns }) => sum + ns, 0), runs: all.reduce((sum, { runs }) => sum + runs, 0) };
}

/** What programs take per switch, without what being counted takes. */
function beyondEmpty({ ns, runs }: RunTime, empty: RunTime): number {
  return (ns - runs * (empty.ns / empty.runs)) / switches;
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
  const little = (name: string, command: string, args: readonly string[], goal?: Tracer['goal']): Tracer => ({
    ...{ name, command, args, adds: 'little' },
    ...(goal === undefined ? {} : { goal }),
  });
  const much = (...of: Parameters<typeof little>): Tracer => ({ ...little(...of), adds: 'much' });
  const theirs = 'libbpf-tools, every block';
  const ms = ['--min-ns', '1000000'];
  return [
    little(emptyProgram, loader, [object]),
    little('ours, 1 ms threshold', helper, ['offcpu', ...ms], { times: 3, of: emptyProgram }),
    much('ours, every block', helper, ['offcpu'], { times: 0.5, of: theirs }),
    much('ours, every block, portable build', helper, ['offcpu', '--portable']),
    much('ours, every block, as on Linux 5.8', helper, ['offcpu', '--walk-out']),
    little('ours, user stacks, 1 ms threshold', helper, ['offcpu', '--user-stacks', ...ms]),
    much('ours, user stacks, every block', helper, ['offcpu', '--user-stacks'], { times: 0.7, of: theirs }),
    little('oncpu', helper, ['oncpu']),
    little('offwake, 1 ms threshold', helper, ['offwake', ...ms]),
    much('offwake, every block', helper, ['offwake']),
    much('offwake, user stacks', helper, ['offwake', '--user-stacks']),
    little('runqlat', helper, ['runqlat']),
    much('bpftrace, 1 ms threshold', 'bpftrace', [script, '1000000']),
    much('bpftrace, every block', 'bpftrace', [script, '0']),
    much('libbpf-tools, 1 ms threshold', peer, ['-m', '1000']),
    much(theirs, peer, ['-m', '0']),
  ];
}

function quartilesOf(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.round(part * (sorted.length - 1))]!);
  return [at(0.25), at(0.75)];
}

function verdict(
  own: readonly number[],
  { times, of }: NonNullable<Tracer['goal']>,
  differences: ReadonlyMap<string, readonly number[]>,
): string {
  const others = differences.get(of);
  if (others === undefined) return `no ${of}`;
  const ratio = median(own) / median(others);
  const [low, high] = quartilesOf(own.map((ns, round) => ns - times * others[round]!));
  return [
    `${ratio.toFixed(2)} of ${of}: ${ratio <= times ? 'at most' : 'MISSED'} ${times}`,
    ...(low < 0 && high > 0 ? [` (within noise: ${low} to ${high} ns off)`] : []),
  ].join('');
}

/** Runs the ping-pong some times and gives the least that a switch took, in ns. */
function timeSwitch(pingpong: string, times: number = repeats): number {
  return Number(execFileSync(pingpong, ['1', String(switches / 2), String(times)], { encoding: 'utf8' }));
}

/** Starts a tracer and waits until it holds what the kernel gives for an attached program. */
async function start(tracer: Pick<Tracer, 'name' | 'command' | 'args'>): Promise<ChildProcess> {
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
