import type { Result } from './index.ts';
import { builtFlat } from './peers/built-peers.ts';
import { chosenBackend, chosenRows } from './store-data/backends.ts';
import { runInChild } from './store-data/child.ts';
import type { QuestionName } from './store-data/children/ask-store.ts';
import { DAY_US } from './store-data/fleet.ts';
import { judge, short } from './store-data/verdict.ts';

export const title =
  'how much memory does a process take that asks a question, beside the way of the original?';

const MEMORY_GOAL_MB = 300;

const questions: readonly QuestionName[] = [
  'nothing',
  'flame graph of all',
  'flame graph of slow records',
  'all records',
  'all records, sorted by elapsed',
  'top 20 of all',
];

/** Asks each question in a process of its own. */
export async function run(): Promise<Result> {
  const parameters = { rows: chosenRows(), spanUs: DAY_US };
  const place = await chosenBackend().filled(parameters);
  const rows: string[][] = [];
  let most = 0;
  try {
    for (const question of questions) {
      const { result, peakRssMB } = await runInChild<{ wallMs: number; answers: number }>('ask-store', [
        place.location,
        question,
      ]);
      most = Math.max(most, peakRssMB);
      rows.push([
        `kernelscope: ${question}`,
        short(peakRssMB),
        short(result.wallMs / 1000),
        String(result.answers),
      ]);
    }
  } finally {
    await place.release();
  }
  const naive = await runInChild<{ wallMs: number }>('time-naive-flame-graph', [
    await builtFlat(parameters),
    { name: 'all' },
  ]);
  rows.push(['original: flame graph of all', short(naive.peakRssMB), short(naive.result.wallMs / 1000), '']);
  return {
    columns: ['question', 'peak RSS MB', 's', 'stacks or records'],
    rows,
    notes: [
      `${parameters.rows} rows, ${chosenBackend().name}; whole processes, Node with them`,
      judge('most memory, MB', most, 'at most', MEMORY_GOAL_MB),
    ],
  };
}
