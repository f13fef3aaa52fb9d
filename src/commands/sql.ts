import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  type AnswerColumn,
  type AnswerRow,
  askSql,
  formatCount,
  locateStore,
  type RowFormatName,
  rowFormats,
  type SqlPage,
} from '../core/index.ts';
import { databaseFlags, durationNs, storeChoice } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { shownSafely } from './shown-safely.ts';
import { endWithGuard, isGuarded, runGuarded } from './sql/run-guarded.ts';
import { untilStopped } from './until-stopped.ts';
import { writeOutput } from './write-output.ts';

const formats = ['table', 'json', 'ndjson', 'csv', 'tsv'] as const satisfies readonly RowFormatName[];

export class Sql extends KernelscopeCommand {
  static override summary = 'Ask a database in its own SQL; it can be read and not written.';
  static override description =
    'Each category is a view of its name, with names and readable times; docs/architecture.md says what is below. One statement that gives rows is taken. A time limit and a limit of rows hold; Ctrl-C stops it.';
  static override examples = [
    "<%= config.bin %> sql 'select process, sum(elapsed) as ns from offcputime group by process order by ns desc limit 5'",
    "<%= config.bin %> sql 'select count(*) from batch' --format csv",
  ];
  static override args = {
    text: Args.string({ description: 'The statement.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    format: Flags.option({ char: 'f', summary: 'How to print.', options: formats })(),
    limit: Flags.integer({ char: 'n', summary: 'Rows printed at most; 0 for all.', default: 10_000, min: 0 }),
    timeout: durationNs({
      summary: 'Time that the question may take; a bare number is seconds.',
      bareUnit: 's',
      default: 30e9,
      defaultHelp: async () => '30s',
    }),
    full: Flags.boolean({ summary: 'Print long text whole in a table.' }),
    'escape-formulas': Flags.boolean({ summary: 'Make CSV safe to open in a spreadsheet.' }),
    ...databaseFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sql);
    const location = locateStore(storeChoice(flags), process.env);
    // SQLite answers inside of one call that nothing of this process interrupts, not even its end.
    if (location.backend === 'sqlite') {
      if (!isGuarded()) return runGuarded(flags.timeout);
      endWithGuard();
    }
    const { signal, release } = location.backend === 'sqlite' ? notStopped() : untilStopped();
    const pages = askSql(location, args.text, { timeoutMs: flags.timeout / 1e6, signal });
    try {
      await this.#print(pages, this.jsonEnabled() ? 'json' : (flags.format ?? 'table'), flags);
    } finally {
      release();
    }
  }

  /** The answer of `--json` was printed as it was read. */
  protected override logJson(): void {}

  async #print(
    pages: AsyncIterable<SqlPage>,
    format: RowFormatName,
    flags: { readonly limit: number; readonly full: boolean; readonly 'escape-formulas': boolean },
  ): Promise<void> {
    const limit = flags.limit === 0 ? Number.POSITIVE_INFINITY : flags.limit;
    const iterator = pages[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done) return;
    const counts = { printed: 0, isCut: false };
    const columns = first.value.columns.map((name, at) => describe(name, first.value.rows, at));
    const { isTTY, columns: width } = process.stdout;
    const print = await rowFormats[format]();
    const pieces = print(
      { columns, chunks: takeRows(first.value, iterator, limit, counts) },
      {
        color: this.usesColor(),
        full: flags.full,
        escapeFormulas: flags['escape-formulas'],
        ...(isTTY && { width }),
      },
    );
    await writeOutput(isTTY && format !== 'table' ? shownSafely(pieces) : pieces);
    if (counts.isCut) this.say(`the first ${formatCount(limit)} rows; --limit 0 prints all`);
    else if (isTTY) this.say(`${formatCount(counts.printed)} ${counts.printed === 1 ? 'row' : 'rows'}`);
  }
}

/** Signals keep their usual meaning: they end the process at once. */
function notStopped(): ReturnType<typeof untilStopped> {
  return { signal: new AbortController().signal, release: () => {} };
}

function describe(name: string, rows: SqlPage['rows'], at: number): AnswerColumn {
  const values = rows.map((row) => row[at]).filter((value) => value !== null);
  const isWhole = values.length > 0 && values.every((value) => Number.isSafeInteger(value));
  return { name, type: isWhole ? 'int' : 'string' };
}

async function* takeRows(
  first: SqlPage,
  rest: AsyncIterator<SqlPage>,
  limit: number,
  counts: { printed: number; isCut: boolean },
): AsyncIterable<readonly AnswerRow[]> {
  let left = limit;
  try {
    for (let page: SqlPage | undefined = first; page !== undefined; ) {
      const { columns, rows } = page;
      const taken = rows.slice(0, left);
      left -= taken.length;
      counts.printed += taken.length;
      if (taken.length > 0)
        yield taken.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]!])));
      if (taken.length < rows.length) {
        counts.isCut = true;
        return;
      }
      const next: IteratorResult<SqlPage> = await rest.next();
      page = next.done ? undefined : next.value;
    }
  } finally {
    await rest.return?.();
  }
}
