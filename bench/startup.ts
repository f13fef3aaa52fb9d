import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSampleDatabase } from '../scripts/sample-database.ts';
import type { Result } from './index.ts';
import { medianWallMs, type Program } from './measure.ts';

export const title = 'how long until a command has answered, whole process, against an empty Node?';

const rounds = 40;
const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const node = fromRoot('node_modules/.bin/node');
const binary = fromRoot('build/kernelscope');

/** Times an empty Node, then each question to the built program and to the binary, all in turns. */
export async function run(): Promise<Result> {
  for (const file of ['dist/commands/main.js', 'build/kernelscope']) {
    if (!existsSync(fromRoot(file))) throw new Error(`${file} is missing: npm run build:binary`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-startup-'));
  try {
    const database = join(folder, 'sample.db');
    await makeSampleDatabase(database);
    return timeQuestions(database);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timeQuestions(database: string): Result {
  const where = ['--where', 'elapsed > 1ms and stack contains vfs'];
  // What is asked, and how many times an empty Node it may take in the binary.
  const questions = [
    { args: ['--version'], goal: 2 },
    { args: ['--help'], goal: 2.5 },
    { args: ['query', '--sqlite', database, ...where, '--sort', '-elapsed', '--limit', '5'], goal: 2.5 },
  ];
  const asked = questions.flatMap(({ args, goal }) => [
    { goal, program: { name: `binary ${args[0]}`, command: binary, args } },
    {
      goal: undefined,
      program: { name: `dist ${args[0]}`, command: node, args: [fromRoot('bin/run.js'), ...args] },
    },
  ]);
  const empty: Program = { name: 'node -e 0', command: node, args: ['-e', '0'] };
  const [emptyMs, ...times] = medianWallMs([empty, ...asked.map(({ program }) => program)], rounds);
  const rows = asked.map(({ goal, program }, place) => {
    const ratio = times[place]! / emptyMs!;
    const verdict = goal === undefined ? '' : `${ratio <= goal ? 'at most' : 'MISSED'} ${goal}`;
    return [program.name, times[place]!.toFixed(1), ratio.toFixed(2), verdict];
  });
  return {
    columns: ['program', 'median ms', 'times an empty Node', 'goal'],
    rows: [[empty.name, emptyMs!.toFixed(1), '1.00', ''], ...rows],
    notes: [`medians of ${rounds} runs each; the query sorts 200 records of an SQLite file and prints 5`],
  };
}
