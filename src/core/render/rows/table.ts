import CliTable from 'cli-table3';
import type { AnswerColumn, AnswerRow } from '../../category/answer-column.ts';
import { cellsOf, truncateCells } from '../text-cells.ts';
import { fitStack } from './fit-stack.ts';
import { formatCell, isNumberColumn } from './format-cell.ts';
import type { RowPrintOptions, RowStream } from './row-format.ts';

/** Narrowest column that is still worth showing. */
const MIN_COLUMN_WIDTH = 8;
/** Cells between two columns. */
const GAP = 2;
/** Lines that the widths are found by; those behind them keep to these. */
const LINES_MEASURED = 1000;
/** Lines that are laid out at a time: the time that cli-table3 takes grows by the square of their number. */
const LINES_LAID_OUT = 32;

/**
 * Prints an answer as a table: numbers to the right in units that fit, long stacks by their end and depth as far as the
 * width allows. The first lines are read before any is printed, to find the widths.
 */
export async function* printTable(
  { columns, chunks }: RowStream,
  options: RowPrintOptions,
): AsyncIterable<string> {
  const dim = await dimming(options.color);
  const head = columns.map((column) => column.name);
  let measured: string[][] | undefined = [];
  let widths: readonly number[] = [];
  const start = (lines: readonly (readonly string[])[]) => {
    widths = fitWidths(columns, lines, options);
    const fitted = lines.map((line) => fitLine(columns, line, widths));
    widths = widthsOf([head, ...fitted]);
    return layOut(columns, [head.map((name) => dim(name)), ...fitted], widths);
  };
  for await (const chunk of chunks) {
    const lines = chunk.map((row) => formatLine(columns, row));
    if (measured === undefined) {
      // As wide as the first ones, so that columns go on; what is wider where nothing may be cut stands out.
      const bounded =
        options.width === undefined || options.full
          ? lines
          : lines.map((line) => fitLine(columns, line, widths));
      yield bounded
        .map((line) => `${padLine(columns, line, widths).join(' '.repeat(GAP)).trimEnd()}\n`)
        .join('');
      continue;
    }
    measured.push(...lines);
    if (measured.length < LINES_MEASURED) continue;
    yield start(measured);
    measured = undefined;
  }
  if (measured !== undefined) yield start(measured);
}

/** Gives what makes text less strong; loads chalk, which is not quick, only where there are colours. */
async function dimming(color: boolean): Promise<(text: string) => string> {
  if (!color) return (text) => text;
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 }).dim;
}

function formatLine(columns: readonly AnswerColumn[], row: AnswerRow): string[] {
  return columns.map((column) => formatCell(column, row[column.name] ?? null));
}

function fitLine(
  columns: readonly AnswerColumn[],
  line: readonly string[],
  widths: readonly number[],
): readonly string[] {
  return line.map((cell, c) => fitCell(columns[c]!, cell, widths[c]!));
}

function padLine(
  columns: readonly AnswerColumn[],
  line: readonly string[],
  widths: readonly number[],
): readonly string[] {
  return line.map((cell, c) => {
    const space = ' '.repeat(Math.max(0, widths[c]! - cellsOf(cell)));
    return isNumberColumn(columns[c]!) ? space + cell : cell + space;
  });
}

function widthsOf(lines: readonly (readonly string[])[]): readonly number[] {
  return lines[0]!.map((_, c) => lines.reduce((widest, line) => Math.max(widest, cellsOf(line[c]!)), 0));
}

/** Lays lines out under one another, in columns of these widths. */
function layOut(
  columns: readonly AnswerColumn[],
  lines: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const padded = lines.map((line) => padLine(columns, line, widths));
  let text = '';
  for (let from = 0; from < padded.length; from += LINES_LAID_OUT)
    text += layOutSome(columns, padded.slice(from, from + LINES_LAID_OUT));
  return text;
}

function layOutSome(columns: readonly AnswerColumn[], lines: readonly (readonly string[])[]): string {
  const table = new CliTable({
    colAligns: columns.map((column) => (isNumberColumn(column) ? 'right' : 'left')),
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    // Nothing is cut here, but cli-table3 measures its ellipsis in each cell, and that of ASCII is much quicker measured.
    truncate: '.',
  });
  for (const line of lines) table.push([...line]);
  return table
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

/** Gives each column what it needs; text that does not fit gives way, the widest first. */
function fitWidths(
  columns: readonly AnswerColumn[],
  cells: readonly (readonly string[])[],
  options: RowPrintOptions,
): readonly number[] {
  const widths = columns.map((column, c) =>
    cells.reduce((widest, line) => Math.max(widest, cellsOf(line[c]!)), cellsOf(column.name)),
  );
  if (options.width === undefined || options.full) return widths;
  let excess = widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - options.width;
  while (excess > 0) {
    const widest = Math.max(...widths.filter((_, c) => !isNumberColumn(columns[c]!)), 0);
    if (widest <= MIN_COLUMN_WIDTH) break;
    const at = widths.findIndex((width, c) => width === widest && !isNumberColumn(columns[c]!));
    const second = Math.max(
      MIN_COLUMN_WIDTH,
      ...widths.filter((_, c) => c !== at && !isNumberColumn(columns[c]!)),
    );
    const cut = Math.min(excess, Math.max(1, widest - Math.min(second, widest - 1)));
    widths[at] = widest - cut;
    excess -= cut;
  }
  return widths;
}

/** Cuts text to a width; numbers stay whole. */
function fitCell(column: AnswerColumn, cell: string, width: number): string {
  if (isNumberColumn(column)) return cell;
  return column.type === 'stack' ? fitStack(cell, width) : truncateCells(cell, width);
}
