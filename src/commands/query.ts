import * as Flags from '@oclif/core/flags';
import {
  encodeRow,
  formatCount,
  parseSortKey,
  printable,
  type Row,
  type RowFormatName,
  type RowQuery,
  readFilters,
  requireColumn,
  rowFormats,
} from '../core/index.ts';
import { filterFlags, sourceFlags, splitNames } from './flags.ts';
import { KernelscopeCommand } from './kernelscope-command.ts';
import { openCategory } from './open-category.ts';
import { writeOutput } from './write-output.ts';

const formats = Object.keys(rowFormats) as RowFormatName[];

export class Query extends KernelscopeCommand {
  static override summary = 'Print records: which ones, which columns, in which order and format.';
  static override examples = [
    "<%= config.bin %> query --category offcputime --where 'elapsed > 5ms and stack contains btrfs'",
    '<%= config.bin %> query --select process,elapsed --sort -elapsed --limit 20',
    '<%= config.bin %> query --since 2h --host db1 --format csv > slow.csv',
  ];
  static override flags = {
    ...filterFlags,
    select: Flags.string({
      char: 's',
      summary: 'Columns to print, parted by commas; all without it.',
      helpValue: 'COLUMNS',
    }),
    sort: Flags.string({
      summary: 'Columns to sort by; -COLUMN for the largest first.',
      helpValue: 'COLUMNS',
    }),
    limit: Flags.integer({ char: 'n', summary: 'Print at most this many records.', min: 0 }),
    format: Flags.option({ char: 'f', summary: 'How to print.', options: formats })(),
    full: Flags.boolean({ summary: 'Print long stacks whole in a table.' }),
    'escape-formulas': Flags.boolean({ summary: 'Make CSV safe to open in a spreadsheet.' }),
    ...sourceFlags,
  };

  async run(): Promise<readonly unknown[] | undefined> {
    const { flags } = await this.parse(Query, guardSortKeys(this.argv));
    const { source, category } = await openCategory(flags);
    try {
      const where = readFilters(
        { ...flags, labels: flags.label, hosts: flags.host },
        category,
        Date.now() * 1000,
      );
      const columns =
        splitNames('--select', flags.select)?.map((name) => requireColumn(category, name)) ??
        category.columns;
      const sort = (splitNames('--sort', flags.sort) ?? []).map((key) => parseSortKey(key, category));
      const all = {
        kind: 'rows',
        category,
        columns: columns.map((column) => column.name),
        where,
        sort,
      } as const;
      const query: RowQuery = flags.limit === undefined ? all : { ...all, limit: flags.limit };
      let printed = 0;
      const chunks = counted(source.select(query), (count) => {
        printed += count;
      });
      if (this.jsonEnabled() && flags.format === undefined) {
        const rows: unknown[] = [];
        for await (const chunk of chunks) rows.push(...chunk.map((row) => encodeRow(category, row)));
        return rows;
      }
      const { isTTY, columns: width } = process.stdout;
      const print = await rowFormats[flags.format ?? 'table']();
      const options = { color: this.usesColor(), full: flags.full, escapeFormulas: flags['escape-formulas'] };
      const pieces = print({ category, columns, chunks }, isTTY ? { ...options, width } : options);
      const isRaw = flags.format !== undefined && flags.format !== 'table';
      await writeOutput(isTTY && isRaw ? shownSafely(pieces) : pieces);
      if (isTTY || flags.format === undefined) {
        const { lost } = await source.scope(category, where);
        this.say(
          `${formatCount(printed)} ${printed === 1 ? 'record' : 'records'}, ${formatCount(lost)} lost`,
        );
      }
      return undefined;
    } finally {
      await source.close();
    }
  }
}

/** oclif takes `-stack` for the flag -s wherever it stands; behind a space it is a value. */
function guardSortKeys(args: readonly string[]): string[] {
  return args.map((arg, at) =>
    args[at - 1] === '--sort' && arg.startsWith('-') ? ` ${arg}` : arg.replace(/^--sort=-/, '--sort= -'),
  );
}

/** What machines read holds what hosts wrote, byte for byte; on a terminal none of it may be a command to it. */
async function* shownSafely(pieces: AsyncIterable<string>): AsyncIterable<string> {
  for await (const piece of pieces) yield piece.replace(/[^\r\n\t]+|\r(?!\n)/g, printable);
}

async function* counted(
  chunks: AsyncIterable<readonly Row[]>,
  count: (rows: number) => void,
): AsyncIterable<readonly Row[]> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
