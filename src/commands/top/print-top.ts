import { cellsOf, fitStack, formatCell, formatCount, printable, truncateCells } from '../../core/index.ts';
import type { ScreenSize } from '../run-on-screen.ts';
import type { TopState } from './top-state.ts';

const keys = 'g regroup · w window · / filter · Esc no filter · space pause · q quit';
/** Lines around the rows: what is shown, the head of the columns, and the keys. */
const LINES_AROUND = 3;

/** How many groups fit a screen. */
export function rowsThatFit({ rows }: ScreenSize): number {
  return Math.max(1, rows - LINES_AROUND);
}

/** Prints the live view: a line for each row of the screen. */
export function printTop(state: TopState, size: ScreenSize): readonly string[] {
  const lines = [titleLine(state), ...tableLines(state, size)];
  const room = size.rows - 1;
  const shown = [...lines.slice(0, room), ...new Array<string>(Math.max(0, room - lines.length)).fill('')];
  const last = state.typing === undefined ? keys : `filter: ${printable(state.typing)}_`;
  return [...shown, last].map((line) => truncateCells(line, size.columns));
}

function titleLine({ category, groupBy, since, filter, isPaused, answer, trouble }: TopState): string {
  const parts = [
    `${printable(category.prettyName)} by ${groupBy}`,
    since === undefined ? 'all times' : `last ${since}`,
    ...(filter === '' ? [] : [`with '${printable(filter)}'`]),
    ...(answer === undefined
      ? ['asking ...']
      : [
          `${formatCount(answer.groups)} groups`,
          `${formatCount(answer.records)} records`,
          `${formatCount(answer.lost)} lost`,
          new Date(answer.atMs).toISOString().slice(11, 19),
        ]),
    ...(isPaused ? ['PAUSED'] : []),
    ...(trouble === undefined ? [] : [`NOT NOW: ${printable(trouble)}`]),
  ];
  return parts.join(' · ');
}

/** The head and the groups: numbers and the share of the first, then the key, of a stack as much of its end as fits. */
function tableLines({ answer, groupBy }: TopState, size: ScreenSize): readonly string[] {
  if (answer === undefined) return [];
  const [key, ...numbers] = answer.columns;
  const [weight] = numbers;
  if (key === undefined || weight === undefined) return [];
  const head = [...numbers.map(({ name }) => name), 'share'];
  const cells = answer.rows
    .slice(0, rowsThatFit(size))
    .map((row) => [
      ...numbers.map((column) => formatCell(column, row[column.name] ?? null)),
      answer.total > 0 ? `${((Number(row[weight.name] ?? 0) / answer.total) * 100).toFixed(1)}%` : '',
    ]);
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((row) => cellsOf(row[at]!))));
  const align = (row: readonly string[]) => row.map((cell, at) => cell.padStart(widths[at]!)).join('  ');
  const room = size.columns - align(head).length - 2;
  return [
    `${align(head)}  ${groupBy}`,
    ...cells.map(
      (row, at) => `${align(row)}  ${fitStack(formatCell(key, answer.rows[at]![key.name] ?? null), room)}`,
    ),
  ];
}
