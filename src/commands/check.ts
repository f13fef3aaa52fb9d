import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  type Aggregate,
  allOf,
  type Category,
  type CheckedCondition,
  type CheckFormat,
  type CheckReport,
  type Condition,
  checkRenderers,
  columnOf,
  describeGrowth,
  describeLimit,
  formatCount,
  judgeGrowth,
  judgeLimit,
  KernelscopeError,
  type MeasuredRun,
  measureRuns,
  type Outcome,
  parseGrowth,
  parseLimit,
  parseSingleAggregate,
  readFilters,
} from '../core/index.ts';
import { describeFilters, filterFlags, runsFlag, sourceFlags } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategory } from './open-category.ts';
import { readSelection } from './read-runs.ts';
import { readWhere } from './read-where.ts';
import { writeOutput } from './write-output.ts';

/** A condition that was asked for: on what is, or on how it has grown since the base. */
type Question =
  | { readonly kind: 'limit'; readonly name: string; readonly limit: ReturnType<typeof parseLimit> }
  | {
      readonly kind: 'growth';
      readonly name: string;
      readonly aggregate: Aggregate;
      readonly growth: ReturnType<typeof parseGrowth>;
    };

export class Check extends KernelscopeCommand {
  static override summary = 'Hold records against limits and a base: a gate for CI.';
  static override description =
    'Prints what it compared, and exits with 0 where all holds, 1 where something does not, and 3 where there is no data to judge by: a gate without data never passes. Aggregates are those of query --agg. With --runs, each value of a label is a run: means are compared, with their 95% intervals (of the change by Welch), and what runs differ by among themselves is not taken for a change: it is UNCLEAR, and fails with --strict only. --where and --host hold for the base too; --label and times choose what is compared with it. A run in which nothing matches counts as 0 for count and sum, as long as anything was recorded on its hosts, labels and times. Growth from a base of 0 is more than every per cent.';
  static override examples = [
    "<%= config.bin %> check --label build=$CI_SHA --max 'p99(elapsed) <= 5ms' --max 'count < 10000'",
    "<%= config.bin %> check --label kernel=v6.12 --base kernel=v6.11 --max-change 10% --metric 'sum(elapsed)' --runs run --min-runs 3",
    "<%= config.bin %> check --where 'elapsed > 1s' --max 'count = 0' --format junit > check.xml",
  ];
  static override flags = {
    max: Flags.string({
      summary: "Condition that has to hold, like 'p99(elapsed) <= 5ms'; may be repeated.",
      helpValue: 'CONDITION',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'max-change': Flags.string({
      summary: 'How much the metrics may grow since the base, like 10% or 2ms.',
      helpValue: 'GROWTH',
      dependsOn: ['base'],
    }),
    metric: Flags.string({
      summary:
        'What --max-change is about; may be repeated. What --max names without it, else the sum of the first duration.',
      helpValue: 'AGGREGATE',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['max-change'],
    }),
    base: Flags.string({
      summary:
        'What to compare with: a condition, or a label as KEY=VALUE; may be repeated, and is each a run then.',
      helpValue: 'SELECTION',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['max-change'],
    }),
    runs: runsFlag,
    'min-runs': Flags.integer({
      summary: 'Fewer runs than this on a side are no data.',
      default: 1,
      min: 1,
    }),
    strict: Flags.boolean({ summary: 'Fail where runs differ too much to tell.' }),
    title: Flags.string({ summary: 'Name of the check in reports.', default: 'kernelscope check' }),
    ...filterFlags,
    format: Flags.option({
      char: 'f',
      summary: 'How to print: text, JSON, a test report as JUnit has it, or annotations of GitHub.',
      options: Object.keys(checkRenderers) as CheckFormat[],
      default: 'text',
    })(),
    ...sourceFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Check);
    const report = await check(flags);
    const failed = report.conditions.filter(({ fails }) => fails);
    if (failed.length > 0) process.exitCode = failed.every(({ outcome }) => outcome === 'no-data') ? 3 : 1;
    if (this.jsonEnabled()) return JSON.parse(checkRenderers.json.render(report));
    await writeOutput([checkRenderers[flags.format].render(report)]);
    return undefined;
  }
}

async function check(flags: InferredFlags<typeof Check.flags>): Promise<CheckReport> {
  const { source, category } = await openCategory(flags);
  try {
    const nowUs = Date.now() * 1000;
    const questions = readQuestions(flags, category, nowUs);
    const where = await readWhere(flags, category, nowUs);
    // The rest says which records are those of now.
    const shared = readFilters({ where: flags.where, hosts: flags.host }, category, nowUs);
    const aggregates = questions.map((each) =>
      each.kind === 'limit' ? each.limit.aggregate : each.aggregate,
    );
    const measure = (condition: Condition) =>
      measureRuns(source, category, condition, aggregates, flags.runs);
    const now = await measure(where);
    const base: MeasuredRun[] = [];
    for (const selection of flags.base ?? [])
      base.push(...(await measure(allOf([shared, readSelection(selection, category, nowUs)]))));
    const { lost } = await source.scope(category, where);
    return {
      title: flags.title,
      subject: [category.name, ...describeFilters(flags)].join(', '),
      notes: lost === 0 ? [] : [`${formatCount(lost)} events lost, which are in none of this`],
      conditions: questions.map((question) => judge(question, now, base, category, flags)),
    };
  } finally {
    await source.close();
  }
}

function readQuestions(
  flags: {
    readonly max?: readonly string[] | undefined;
    readonly metric?: readonly string[] | undefined;
    readonly 'max-change'?: string | undefined;
    readonly base?: readonly string[] | undefined;
  },
  category: Category,
  nowUs: number,
): readonly Question[] {
  const { max = [], metric = [], 'max-change': change, base = [] } = flags;
  if (max.length === 0 && change === undefined) {
    throw new KernelscopeError('usage', 'there is nothing to check', {
      suggestions: ["--max 'p99(elapsed) <= 5ms' is a limit, --base LABEL --max-change 10% compares"],
    });
  }
  const limits = max.map(
    (text): Question => ({ kind: 'limit', name: text, limit: parseLimit(text, category, nowUs) }),
  );
  if (change === undefined) return limits;
  const named = limits.flatMap((each) => (each.kind === 'limit' ? [each.limit.aggregate] : []));
  const chosen = metric.map((text) => parseSingleAggregate(text, category));
  const metrics = [chosen, named, [defaultMetric(category)]].find((list) => list.length > 0)!;
  const distinct = [...new Map(metrics.map((each) => [each.name, each])).values()];
  return [
    ...limits,
    ...distinct.map(
      (aggregate): Question => ({
        kind: 'growth',
        name: `${aggregate.name} grows by at most ${change} since ${base.join(', ')}`,
        aggregate,
        growth: parseGrowth(change, aggregate, category, nowUs),
      }),
    ),
  ];
}

function defaultMetric(category: Category): Aggregate {
  const column = category.columns.find(({ type }) => type === 'elapsed');
  return parseSingleAggregate(column === undefined ? 'count' : `sum(${column.name})`, category);
}

function judge(
  question: Question,
  now: readonly MeasuredRun[],
  base: readonly MeasuredRun[],
  category: Category,
  { 'min-runs': minRuns, strict }: { readonly 'min-runs': number; readonly strict: boolean },
): CheckedCondition {
  const aggregate = question.kind === 'limit' ? question.limit.aggregate : question.aggregate;
  const { type, unit: declared } = columnOf(aggregate, category);
  const unit = type === 'elapsed' ? (declared ?? 'us') : 'count';
  const valuesOf = (runs: readonly MeasuredRun[]) =>
    runs.map(({ values }) => values[aggregate.name] ?? null).filter((value) => value !== null);
  const [before, after] = [valuesOf(base), valuesOf(now)];
  const sides = question.kind === 'limit' ? [after] : [before, after];
  const few = sides.find((side) => side.length > 0 && side.length < minRuns);
  if (few !== undefined) {
    const detail = `${few.length} of at least ${minRuns} runs`;
    return {
      name: question.name,
      outcome: 'no-data',
      fails: true,
      detail,
      facts: { base: before, now: after },
    };
  }
  if (question.kind === 'limit') {
    const verdict = judgeLimit(after, question.limit.operator, question.limit.value);
    const { outcome, ...facts } = verdict;
    const detail = describeLimit(verdict, unit);
    return {
      name: question.name,
      outcome,
      fails: failsBy(outcome, strict),
      detail,
      facts: { unit, ...facts },
    };
  }
  const verdict = judgeGrowth(before, after, question.growth);
  const { outcome, ...facts } = verdict;
  const detail = describeGrowth(verdict, unit);
  return { name: question.name, outcome, fails: failsBy(outcome, strict), detail, facts: { unit, ...facts } };
}

function failsBy(outcome: Outcome, strict: boolean): boolean {
  return outcome === 'fail' || outcome === 'no-data' || (outcome === 'unclear' && strict);
}
