import * as Flags from '@oclif/core/flags';
import {
  type AnswerColumn,
  type AnswerRow,
  answerColumns,
  type Category,
  type Condition,
  collectStats,
  formatCount,
  formatStats,
  type GroupQuery,
  KernelscopeError,
  makeGroupQuery,
  parseSortKey,
  type RecordSource,
  type RowFormatName,
  type RowQuery,
  type RowStream,
  requireColumn,
  rowFormats,
} from '../core/index.ts';
import { requireAsking, sayCommandLine } from './ask-user.ts';
import { countOf } from './count-of.ts';
import { filterFlags, sourceFlags, splitNames } from './flags.ts';
import { askCategory, askQuery } from './interactive/ask-query.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategories, openCategory } from './open-category.ts';
import { readWhere } from './read-where.ts';
import { shownSafely } from './shown-safely.ts';
import { writeOutput } from './write-output.ts';

const formats = Object.keys(rowFormats) as RowFormatName[];
/** Formats for people: what they hold is safe to show already, and a line on stderr says what was counted. */
const shownFormats: readonly RowFormatName[] = ['table', 'chart'];

/** An answer to be printed; what was counted on the way is known once it is. */
interface Answer extends RowStream {
  readonly counted: () => string;
}

export class Query extends KernelscopeCommand {
  static override summary =
    'Print records, or groups of them: which ones, which columns, in which order and format.';
  static override description =
    'Groups are by columns, time:1m, labels.KEY, leaf, root or frame:N of a stack, or wchan: the frame before those of the scheduler, in which a thread waits. What can be worked out of them is count, sum(x), avg(x), min(x), max(x), exact percentiles like p99(x) or p99.9(x), and hist(x). docs/output.md says what the formats hold.';
  static override examples = [
    "<%= config.bin %> query --category offcputime --where 'elapsed > 5ms and stack contains btrfs'",
    '<%= config.bin %> query --select process,elapsed --sort -elapsed --limit 20',
    "<%= config.bin %> query --group-by process --agg 'count,sum(elapsed),p99(elapsed)' --limit 20",
    "<%= config.bin %> query --group-by time:1m --agg 'sum(elapsed)' --format chart --since 1h",
    '<%= config.bin %> query --since 2h --host db1 --format csv > slow.csv',
  ];
  static override flags = {
    ...filterFlags,
    select: Flags.string({
      char: 's',
      summary: 'Columns to print, parted by commas; all without it.',
      helpValue: 'COLUMNS',
    }),
    distinct: Flags.boolean({ summary: 'Print what is the same in the selected columns once.' }),
    'group-by': Flags.string({
      char: 'g',
      summary: 'What to group by, parted by commas.',
      helpValue: 'KEYS',
      exclusive: ['select', 'distinct'],
    }),
    agg: Flags.string({
      char: 'a',
      summary: 'What to work out of each group, parted by commas; count without it.',
      helpValue: 'AGGREGATES',
      exclusive: ['select', 'distinct'],
    }),
    stats: Flags.boolean({
      summary: 'Print what each column comes to, for a quick look.',
      exclusive: ['select', 'distinct', 'group-by', 'agg', 'sort', 'limit', 'offset'],
    }),
    sort: Flags.string({
      summary: 'Columns of the answer to sort by; -COLUMN for the largest first.',
      helpValue: 'COLUMNS',
    }),
    limit: Flags.integer({ char: 'n', summary: 'Print at most this many.', min: 0 }),
    offset: Flags.integer({ summary: 'Pass over this many first.', min: 0 }),
    format: Flags.option({ char: 'f', summary: 'How to print.', options: formats })(),
    interactive: Flags.boolean({
      char: 'i',
      summary: 'Ask what to print, on a terminal; say how it is written.',
    }),
    full: Flags.boolean({ summary: 'Print long stacks whole in a table.' }),
    'escape-formulas': Flags.boolean({ summary: 'Make CSV safe to open in a spreadsheet.' }),
    ...sourceFlags,
  };

  async run(): Promise<void> {
    if (asksInteractively(this.argv)) this.argv = await this.#ask();
    const { flags } = await this.parse(Query, guardSortKeys(this.argv));
    const format = this.#format(flags.format);
    const { source, category } = await openCategory(flags);
    try {
      const where = await readWhere(flags, category, Date.now() * 1000);
      const isShown = shownFormats.includes(format);
      const answer = flags.stats
        ? await answerStats(source, category, where, isShown)
        : ask(source, readQuestion(flags, category, where));
      const { isTTY, columns: width } = process.stdout;
      const print = await rowFormats[format]();
      const options = { color: this.usesColor(), full: flags.full, escapeFormulas: flags['escape-formulas'] };
      const pieces = print(answer, isTTY ? { ...options, width } : options);
      await writeOutput(isTTY && !isShown ? shownSafely(pieces) : pieces);
      if (!isTTY && !isShown) return;
      const { lost } = await source.scope(category, where);
      this.say(`${answer.counted()}, ${formatCount(lost)} lost`);
    } finally {
      await source.close();
    }
  }

  /** Asks, and gives the words of the command line that say the same. */
  async #ask(): Promise<string[]> {
    requireAsking('query -i', 'say it in flags: kernelscope query --help');
    const said = this.argv.filter((word) => !interactiveWords.includes(word));
    const { flags } = await this.parse(Query, guardSortKeys(said));
    const isSaid = said.some((word) => /^(-c|--category)/.test(word));
    const { source, categories } = await openCategories(flags);
    try {
      const category = await askCategory(categories, isSaid ? flags.category : undefined);
      const words = [...said, ...(await askQuery(source, category)).slice(isSaid ? 2 : 0)];
      sayCommandLine(['query', ...words]);
      return words;
    } finally {
      await source.close();
    }
  }

  /** The answer of `--json` was printed as it was read. */
  protected override logJson(): void {}

  #format(named: RowFormatName | undefined): RowFormatName {
    if (!this.jsonEnabled()) return named ?? 'table';
    if (named === undefined || named === 'json') return 'json';
    throw new KernelscopeError('usage', `--json and --format ${named} ask for two formats`, {
      suggestions: ['say one of them'],
    });
  }
}

const interactiveWords = ['-i', '--interactive'];

function asksInteractively(argv: readonly string[]): boolean {
  return argv.some((word) => interactiveWords.includes(word));
}

/** What the flags ask for. */
function readQuestion(
  flags: {
    readonly select?: string | undefined;
    readonly distinct: boolean;
    readonly 'group-by'?: string | undefined;
    readonly agg?: string | undefined;
    readonly sort?: string | undefined;
    readonly limit?: number | undefined;
    readonly offset?: number | undefined;
  },
  category: Category,
  where: Condition,
): RowQuery | GroupQuery {
  const { limit, offset } = flags;
  const page = { ...(limit !== undefined && { limit }), ...(offset !== undefined && { offset }) };
  const sort = splitNames('--sort', flags.sort);
  const groupBy = splitNames('--group-by', flags['group-by']);
  const aggregates = splitNames('--agg', flags.agg);
  if (groupBy !== undefined || aggregates !== undefined)
    return makeGroupQuery(
      { groupBy: groupBy ?? [], aggregates: aggregates ?? ['count'], sort, ...page },
      category,
      where,
    );
  const columns = (
    splitNames('--select', flags.select)?.map((name) => requireColumn(category, name)) ?? category.columns
  ).map((column) => column.name);
  if (flags.distinct)
    return makeGroupQuery({ groupBy: [...new Set(columns)], aggregates: [], sort, ...page }, category, where);
  const keys = (sort ?? []).map((key) => parseSortKey(key, category));
  return { kind: 'rows', category, columns, where, sort: keys, ...page };
}

function ask(source: RecordSource, query: RowQuery | GroupQuery): Answer {
  const columns = answerColumns(query);
  let printed = 0;
  let all = { groups: 0, records: 0 };
  if (query.kind === 'rows') {
    const chunks = counted(source.select(query), (rows) => {
      printed += rows;
    });
    return { columns, chunks, counted: () => countOf(printed, 'record') };
  }
  const groups = source.aggregate(query);
  async function* rowsOf(): AsyncIterable<readonly AnswerRow[]> {
    for await (const { rows, ...totals } of groups) {
      all = totals;
      printed += rows.length;
      yield rows;
    }
  }
  return {
    columns,
    keyCount: query.keys.length,
    chunks: rowsOf(),
    counted: () => {
      const of = printed === all.groups ? '' : `${formatCount(printed)} of `;
      return `${of}${countOf(all.groups, 'group')}, ${countOf(all.records, 'record')}`;
    },
  };
}

async function answerStats(
  source: RecordSource,
  category: Category,
  where: Condition,
  isShown: boolean,
): Promise<Answer> {
  const { columns, rows, records } = await collectStats(source, category, where);
  async function* chunks(): AsyncIterable<readonly AnswerRow[]> {
    yield isShown ? formatStats(rows) : rows;
  }
  const shown: readonly AnswerColumn[] = isShown ? columns.filter(({ name }) => name !== 'unit') : columns;
  return { columns: shown, chunks: chunks(), counted: () => countOf(records, 'record') };
}

/** oclif takes `-stack` for the flag -s wherever it stands; behind a space it is a value. */
function guardSortKeys(args: readonly string[]): string[] {
  return args.map((arg, at) =>
    args[at - 1] === '--sort' && arg.startsWith('-') ? ` ${arg}` : arg.replace(/^--sort=-/, '--sort= -'),
  );
}

async function* counted<T>(
  chunks: AsyncIterable<readonly T[]>,
  tell: (rows: number) => void,
): AsyncIterable<readonly T[]> {
  for await (const chunk of chunks) {
    tell(chunk.length);
    yield chunk;
  }
}
