import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from './index.ts';
import { markovLines, readRecordedFolded } from './markov-stacks.ts';
import { median, type Program, resourceUse } from './measure.ts';

export const title =
  'what does drawing folded stacks cost, whole process, against the usual programs and a floor?';

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const node = fromRoot('node_modules/.bin/node');
const binary = fromRoot('build/kernelscope');

/** Reads the file and finds its line ends: what no program that reads it can do without. */
const floorScript = `
const { openSync, readSync } = require('node:fs');
const file = openSync(process.argv[1]);
const buffer = Buffer.allocUnsafe(1 << 20);
let lines = 0;
for (let size; (size = readSync(file, buffer)) > 0; )
  for (let at = -1; (at = buffer.indexOf(10, at + 1)) >= 0 && at < size; ) lines++;
`;

/** Peers are run where a variable gives their command, such as `perl /opt/FlameGraph/flamegraph.pl`; the file is added. */
const peerVariables = {
  'flamegraph.pl': 'BENCH_FLAMEGRAPH_PL',
  inferno: 'BENCH_INFERNO',
} as const;

/** The part of the width below which flamegraph.pl leaves frames out: 0.1 of the 1180 pixels that it draws on. */
const PRUNED_SHARE = 0.1 / 1180;

/** What one program took on one input: medians, and the highest peak. */
interface Cost {
  readonly program: string;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakRssMB: number;
}

/** Times each program on each input. */
export function run(): Result {
  if (!existsSync(fromRoot('dist/commands/main.js'))) throw new Error('dist is missing: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-flamegraph-'));
  try {
    const timed = makeInputs(folder).map((input) => ({
      ...input,
      costs: timeInput(input.file, input.rounds),
    }));
    const missing = Object.entries(peerVariables).filter(
      ([, variable]) => process.env[variable] === undefined,
    );
    const [recorded, , million] = timed.map(({ costs }) => costs);
    return {
      columns: [
        'input, program',
        'CPU s',
        'wall s',
        'peak MiB',
        'CPU, times ours',
        "wall, of flamegraph.pl's",
      ],
      rows: timed.flatMap(({ name, costs }) => costs.map((cost) => rowOf(name, cost, costs))),
      notes: [
        'medians of runs in turns; whole process, output thrown away; the stacks of the larger inputs are Markov walks over recorded ones',
        ...missing.map(([peer, variable]) => `${peer} was not run: ${variable} gives no command`),
        ...speedGoals(recorded!, million!),
        ...timed.slice(0, 2).flatMap(({ name, file }) => sizeGoal(name, file)),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeInputs(folder: string): { name: string; file: string; rounds: number }[] {
  const recorded = join(folder, 'recorded.folded');
  writeFileSync(recorded, readRecordedFolded());
  const markov = (name: string, lineCount: number) => {
    const file = join(folder, name);
    const descriptor = openSync(file, 'w');
    for (const chunk of markovLines(lineCount, 100_000)) writeSync(descriptor, chunk);
    closeSync(descriptor);
    return file;
  };
  return [
    { name: '13 k recorded lines', file: recorded, rounds: 9 },
    { name: '100 k lines, all distinct', file: markov('distinct.folded', 100_000), rounds: 3 },
    { name: '1 M lines, 100 k distinct', file: markov('million.folded', 1_000_000), rounds: 3 },
  ];
}

/** Runs all programs in turns, so that a slow moment of the machine hits all of them; ours comes first. */
function timeInput(file: string, rounds: number): readonly Cost[] {
  const programs: Program[] = [
    ...ourPrograms(['flamegraph', file, '--format', 'svg']),
    ...Object.entries(peerVariables).flatMap(([name, variable]) => {
      const command = process.env[variable];
      return command === undefined ? [] : [{ name, command: 'sh', args: ['-c', `${command} "$0"`, file] }];
    }),
    { name: 'floor: find the lines', command: node, args: ['-e', floorScript, file] },
  ];
  const runs = programs.map((): { cpuMs: number; wallMs: number; peakRssMB: number }[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [place, program] of programs.entries()) {
      const startNs = process.hrtime.bigint();
      const use = resourceUse(program);
      const wallMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      // The first round warms up.
      if (round >= 0) runs[place]!.push({ ...use, wallMs });
    }
  }
  return programs.map(({ name }, place) => ({
    program: name,
    cpuMs: median(runs[place]!.map((each) => each.cpuMs)),
    wallMs: median(runs[place]!.map((each) => each.wallMs)),
    peakRssMB: Math.max(...runs[place]!.map((each) => each.peakRssMB)),
  }));
}

/** The binary where there is one, and what npm installs. */
function ourPrograms(args: readonly string[]): Program[] {
  return [
    ...(existsSync(binary) ? [{ name: 'kernelscope binary', command: binary, args }] : []),
    { name: 'kernelscope from dist', command: node, args: [fromRoot('bin/run.js'), ...args] },
  ];
}

function rowOf(input: string, cost: Cost, costs: readonly Cost[]): (string | number)[] {
  const peer = costs.find(({ program }) => program === 'flamegraph.pl');
  return [
    `${input}: ${cost.program}`,
    (cost.cpuMs / 1000).toFixed(2),
    (cost.wallMs / 1000).toFixed(2),
    cost.peakRssMB.toFixed(0),
    (cost.cpuMs / costs[0]!.cpuMs).toFixed(1),
    peer === undefined ? '' : (cost.wallMs / peer.wallMs).toFixed(2),
  ];
}

/** Sets the goals beside what was measured: as they are, and by the peer, where it was run, for machines of other speed. */
function speedGoals(recorded: readonly Cost[], million: readonly Cost[]): string[] {
  const of = (costs: readonly Cost[], name: string) => costs.find(({ program }) => program === name);
  const [small, large] = [recorded[0]!, million[0]!];
  const [perl, largePerl, inferno] = [
    of(recorded, 'flamegraph.pl'),
    of(million, 'flamegraph.pl'),
    of(million, 'inferno'),
  ];
  return [
    goal(`13 k recorded lines: ${small.program}, wall s`, small.wallMs / 1000, 0.15),
    ...(perl === undefined
      ? []
      : [
          goal(
            `the same, of flamegraph.pl's wall time in this run (0.15 s where that took 0.53 s; here ${(perl.wallMs / 1000).toFixed(2)} s)`,
            small.wallMs / perl.wallMs,
            0.28,
          ),
        ]),
    goal('1 M lines: peak MiB', large.peakRssMB, 200),
    ...(largePerl === undefined
      ? []
      : [goal("1 M lines: CPU, of flamegraph.pl's", large.cpuMs / largePerl.cpuMs, 1 / 15)]),
    ...(inferno === undefined ? [] : [goal("1 M lines: CPU, of inferno's", large.cpuMs / inferno.cpuMs, 1)]),
  ];
}

/** Compares the bytes of both pictures where ours leaves out what flamegraph.pl does. */
function sizeGoal(input: string, file: string): string[] {
  const command = process.env[peerVariables['flamegraph.pl']];
  if (command === undefined) return [];
  const share = `${PRUNED_SHARE * 100}%`;
  const [ours] = ourPrograms(['flamegraph', file, '--format', 'svg', '--min-share', share]);
  const theirs = { name: 'flamegraph.pl', command: 'sh', args: ['-c', `${command} "$0"`, file] };
  const [size, theirSize] = [writtenBytes(ours!), writtenBytes(theirs)];
  return [goal(`${input}: bytes at flamegraph.pl's pruning, of its ${theirSize}`, size / theirSize, 0.1)];
}

function writtenBytes({ name, command, args }: Program): number {
  const { status, stdout } = spawnSync(command, args, { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${name} ended with exit code ${status}`);
  return stdout.length;
}

function goal(what: string, value: number, most: number): string {
  return `${what}: ${value.toPrecision(3)}, ${value <= most ? 'at most' : 'MISSED'} ${Number(most.toPrecision(2))}`;
}
