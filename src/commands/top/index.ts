import { setTimeout as delay } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import {
  type AnswerRow,
  type Category,
  type Condition,
  formatCount,
  KernelscopeError,
  parseGroupKey,
  type RecordSource,
  readFilters,
  rowFormats,
} from '../../core/index.ts';
import { durationNs, filterFlags, sourceFlags } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { openCategory } from '../open-category.ts';
import { runOnScreen, type ScreenSize } from '../run-on-screen.ts';
import { untilStopped } from '../until-stopped.ts';
import { writeOutput } from '../write-output.ts';
import { askTop } from './ask-top.ts';
import { printTop, rowsThatFit } from './print-top.ts';
import { asksTheSame, groupingsOf, pressTopKey, type TopAnswer, type TopState } from './top-state.ts';

/** Groups that are printed where there is no terminal. */
const PLAIN_GROUPS = 20;

const { since: _since, until: _until, ...recordFlags } = filterFlags;

export class Top extends KernelscopeCommand {
  static override summary = 'Watch the worst processes or stacks, asked for again and again.';
  static override description =
    'On a terminal keys regroup, filter and change how far back records are counted; elsewhere a table is printed each time. Asks a database, or with --server a web service.';
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top --by wchan --window 5m --interval 5s',
    '<%= config.bin %> top --server http://logs:8080 --host db1 --rounds 1',
  ];
  static override flags = {
    ...recordFlags,
    by: Flags.string({
      char: 'b',
      summary: 'What to group by, as query --group-by takes it; the first name of a record without it.',
      helpValue: 'KEY',
    }),
    window: Flags.string({
      summary: 'How far back records are counted, such as 5m; all of them without it.',
      helpValue: 'DURATION',
    }),
    interval: durationNs({
      summary: 'Time between two questions; a bare number is seconds.',
      bareUnit: 's',
      default: 2e9,
      defaultHelp: async () => '2s',
    }),
    rounds: Flags.integer({ char: 'n', summary: 'Ask this many times, and end.', helpValue: 'N', min: 1 }),
    ...sourceFlags,
  };

  async run(): Promise<readonly AnswerRow[] | undefined> {
    const { flags } = await this.parse(Top);
    const isWatched = process.stdout.isTTY === true && flags.rounds === undefined && !this.jsonEnabled();
    // A database may take its time to answer; keys are answered meanwhile.
    const { source, category } = await openCategory(flags, { inThread: isWatched });
    try {
      const said = readFilters(
        { where: flags.where, labels: flags.label, hosts: flags.host },
        category,
        Date.now() * 1000,
      );
      const state = startState(category, flags.by, flags.window);
      // A window that cannot be read is refused now, not at each question.
      readFilters({ since: flags.window }, category, Date.now() * 1000);
      const intervalMs = flags.interval / 1e6;
      if (this.jsonEnabled()) return (await askTop(source, state, said, PLAIN_GROUPS)).rows;
      if (isWatched) await watch(source, state, said, intervalMs);
      else await this.#printRounds(source, state, said, intervalMs, flags.rounds);
      return undefined;
    } finally {
      await source.close();
    }
  }

  async #printRounds(
    source: RecordSource,
    state: TopState,
    said: Condition,
    intervalMs: number,
    rounds = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const { signal, release } = untilStopped();
    const print = await rowFormats.table();
    try {
      for (let round = 1; round <= rounds && !signal.aborted; round++) {
        const answer = await askTop(source, state, said, PLAIN_GROUPS);
        await writeOutput(print(oneChunk(answer), { color: false, full: false, escapeFormulas: false }));
        await writeOutput([
          `${new Date(answer.atMs).toISOString()}  ${formatCount(answer.groups)} groups, ${formatCount(answer.records)} records, ${formatCount(answer.lost)} lost\n\n`,
        ]);
        if (round < rounds) await delay(intervalMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      release();
    }
  }
}

function startState(category: Category, by: string | undefined, window: string | undefined): TopState {
  const known = groupingsOf(category);
  if (by !== undefined) parseGroupKey(by, category);
  const groupBy = by ?? known[0]!;
  return {
    category,
    groupings: known.includes(groupBy) ? known : [groupBy, ...known],
    groupBy,
    since: window,
    filter: '',
    typing: undefined,
    isPaused: false,
    isDone: false,
    answer: undefined,
    trouble: undefined,
  };
}

/** Shows the live view until its user is done. */
async function watch(
  source: RecordSource,
  first: TopState,
  said: Condition,
  intervalMs: number,
): Promise<void> {
  let state = first;
  let size: ScreenSize = { columns: 80, rows: 24 };
  let hurry = new AbortController();
  await runOnScreen(
    (started) => {
      size = started;
      return {
        lines: () => printTop(state, size),
        take: (event) => {
          if (!('key' in event)) return;
          const before = state;
          state = pressTopKey(state, event.key);
          if (!asksTheSame(before, state)) hurry.abort();
        },
        resize: (changed) => {
          size = changed;
          hurry.abort();
        },
        get isDone() {
          return state.isDone;
        },
      };
    },
    '--rounds 1 prints it once',
    (_view, { paint, fail, signal }) => {
      const goOn = async () => {
        let asked: TopState | undefined;
        while (!signal.aborted) {
          hurry = new AbortController();
          if (!state.isPaused || asked === undefined || !asksTheSame(asked, state)) {
            asked = state;
            const news = await askOrTell(source, asked, said, rowsThatFit(size));
            // What was answered to another question is not what is wanted now.
            if (!asksTheSame(asked, state)) continue;
            state = { ...state, ...news };
            if (signal.aborted) return;
            paint();
          }
          await delay(intervalMs, undefined, { signal: AbortSignal.any([signal, hurry.signal]) }).catch(
            () => {},
          );
        }
      };
      goOn().catch((error: unknown) => fail(error));
    },
  );
}

/** Asks; a database or service that is away for once is told of, and no reason to end. */
async function askOrTell(
  ...asked: Parameters<typeof askTop>
): Promise<Pick<TopState, 'trouble'> & Partial<Pick<TopState, 'answer'>>> {
  try {
    return { answer: await askTop(...asked), trouble: undefined };
  } catch (error) {
    if (error instanceof KernelscopeError) return { trouble: error.message };
    throw error;
  }
}

async function* chunkOf(rows: readonly AnswerRow[]): AsyncIterable<readonly AnswerRow[]> {
  yield rows;
}

function oneChunk({ columns, rows }: TopAnswer) {
  return { columns, keyCount: 1, chunks: chunkOf(rows) };
}
