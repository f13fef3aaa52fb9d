import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from './index.ts';
import { markovLines, readRecordedFolded } from './markov-stacks.ts';
import { median, medianWallMs, type Program, resourceUse } from './measure.ts';

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

/** Times each program on each input. */
export function run(): Result {
  if (!existsSync(fromRoot('dist/commands/main.js'))) throw new Error('dist is missing: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-flamegraph-'));
  try {
    const inputs = makeInputs(folder);
    const rows = inputs.flatMap(({ name, file, rounds }) => timeInput(name, file, rounds));
    const missing = Object.entries(peerVariables).filter(
      ([, variable]) => process.env[variable] === undefined,
    );
    return {
      columns: ['input, program', 'CPU s', 'wall s', 'peak MiB', 'CPU, times ours'],
      rows,
      notes: [
        'medians; whole process, output thrown away; the stacks of the larger inputs are Markov walks over recorded ones',
        ...missing.map(([peer, variable]) => `${peer} was not run: ${variable} gives no command`),
        'goals on 1 M lines: a 15th of the CPU of flamegraph.pl, below inferno, at most 200 MiB',
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

function timeInput(input: string, file: string, rounds: number): (string | number)[][] {
  const draw = ['flamegraph', file, '--format', 'svg'];
  const programs: Program[] = [
    { name: 'kernelscope from dist', command: node, args: [fromRoot('bin/run.js'), ...draw] },
    ...(existsSync(binary) ? [{ name: 'kernelscope binary', command: binary, args: draw }] : []),
    ...Object.entries(peerVariables).flatMap(([name, variable]) => {
      const command = process.env[variable];
      return command === undefined ? [] : [{ name, command: 'sh', args: ['-c', `${command} "$0"`, file] }];
    }),
    { name: 'floor: find the lines', command: node, args: ['-e', floorScript, file] },
  ];
  const walls = medianWallMs(programs, rounds);
  const uses = programs.map((program) => Array.from({ length: rounds }, () => resourceUse(program)));
  const cpuMs = uses.map((runs) => median(runs.map((use) => use.cpuMs)));
  return programs.map(({ name }, place) => [
    `${input}: ${name}`,
    (cpuMs[place]! / 1000).toFixed(2),
    (walls[place]! / 1000).toFixed(2),
    Math.max(...uses[place]!.map((use) => use.peakRssMB)).toFixed(0),
    (cpuMs[place]! / cpuMs[0]!).toFixed(1),
  ]);
}
