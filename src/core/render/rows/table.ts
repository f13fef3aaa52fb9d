import { Chalk } from 'chalk';
import CliTable from 'cli-table3';
import { printable } from '../../base/printable.ts';
import { formatTimestamp } from '../../base/timestamp.ts';
import { formatDurationNs, nsPerUnit } from '../../base/units.ts';
import { type Column, isNumeric, type Row, type Value } from '../../category/define-category.ts';
import { cellsOf } from '../text-cells.ts';
import type { RowPrintOptions, RowStream } from './row-format.ts';

/** Narrowest column that is still worth showing. */
const MIN_COLUMN_WIDTH = 8;
/** Cells between two columns. */
const GAP = 2;

/**
 * Prints records as a table: numbers to the right in units that fit, stacks by their end as far as the width allows.
 * It reads all records before it prints, to find the widths.
 */
export async function* printTable(
  { columns, chunks }: RowStream,
  options: RowPrintOptions,
): AsyncIterable<string> {
  const cells: string[][] = [];
  for await (const chunk of chunks)
    for (const row of chunk) cells.push(columns.map((column) => formatCell(column, row)));
  const widths = fitWidths(columns, cells, options);
  const { dim } = new Chalk({ level: options.color ? 1 : 0 });
  const table = new CliTable({
    head: columns.map((column) => dim(column.name)),
    colAligns: columns.map((column) => (isNumeric(column) ? 'right' : 'left')),
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  for (const line of cells) table.push(line.map((cell, c) => fitCell(columns[c]!, cell, widths[c]!)));
  for (const line of table.toString().split('\n')) yield `${line.trimEnd()}\n`;
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

function formatCell(column: Column, row: Row): string {
  const value = (row as Readonly<Record<string, Value>>)[column.name] ?? null;
  if (value === null) return '';
  if (typeof value === 'string') return printable(value);
  if (column.type === 'timestamp') return formatTimestamp(value).replace('T', ' ');
  if (column.type === 'elapsed') return formatDurationNs(value * nsPerUnit(column.unit ?? 'us'));
  return String(value);
}

/** Gives each column what it needs; text that does not fit gives way, the widest first. */
function fitWidths(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  options: RowPrintOptions,
): readonly number[] {
  const widths = columns.map((column, c) =>
    cells.reduce((widest, line) => Math.max(widest, cellsOf(line[c]!)), cellsOf(column.name)),
  );
  if (options.width === undefined || options.full) return widths;
  let excess = widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - options.width;
  while (excess > 0) {
    const widest = Math.max(...widths.filter((_, c) => !isNumeric(columns[c]!)), 0);
    if (widest <= MIN_COLUMN_WIDTH) break;
    const at = widths.findIndex((width, c) => width === widest && !isNumeric(columns[c]!));
    const second = Math.max(
      MIN_COLUMN_WIDTH,
      ...widths.filter((_, c) => c !== at && !isNumeric(columns[c]!)),
    );
    const cut = Math.min(excess, Math.max(1, widest - Math.min(second, widest - 1)));
    widths[at] = widest - cut;
    excess -= cut;
  }
  return widths;
}

/** Cuts text to a width: a stack loses its beginning, frame by frame, anything else its end. */
function fitCell(column: Column, cell: string, width: number): string {
  if (cellsOf(cell) <= width) return cell;
  if (column.type !== 'stack') return `${cut(cell, width - 1)}…`;
  const frames = cell.split(';');
  let shown = frames.pop()!;
  while (frames.length > 0 && cellsOf(shown) + cellsOf(frames.at(-1)!) + 3 <= width)
    shown = `${frames.pop()};${shown}`;
  return cellsOf(shown) + 2 <= width ? `…;${shown}` : `${cut(shown, width - 1)}…`;
}

function cut(text: string, width: number): string {
  let shown = '';
  for (const character of text) {
    if (cellsOf(shown + character) > width) break;
    shown += character;
  }
  return shown;
}
