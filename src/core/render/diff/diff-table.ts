import { Chalk } from 'chalk';
import { printable } from '../../base/printable.ts';
import { formatCount } from '../../base/units.ts';
import type { ComparedRuns } from '../../compare/compare-runs.ts';
import { type Change, listChanges } from '../../compare/list-changes.ts';
import { nameOf, namesTo } from '../../stack/frame-tree.ts';
import { formatWeight } from '../format-weight.ts';
import { stackLabel } from '../stack-label.ts';
import { truncateCells } from '../text-cells.ts';
import { describeComparison, formatP, formatRelative } from './describe-comparison.ts';
import type { DiffOptions } from './diff-options.ts';

/** Adjusted p-values up to this one are marked. */
const SIGNIFICANT = 0.05;

/** Prints what changed as a table, under what is compared: the largest changes first, lines cut only to a width. */
export function* renderDiffTable(compared: ComparedRuns, options: DiffOptions): Generator<string> {
  const per = options.per ?? 'stack';
  const chalk = new Chalk({ level: options.colorLevel ?? 0 });
  const width = options.width ?? Number.POSITIVE_INFINITY;
  const all = listChanges(compared, per);
  const shown = all.slice(0, options.limit);
  const tested = compared.test !== undefined;
  for (const line of describeComparison(compared, options))
    yield `${truncateCells(printable(line), width)}\n`;
  const head = ['before', 'after', 'delta', 'change', ...(tested ? ['p'] : [])];
  const lines = [head, ...shown.map((change) => cellsOfChange(change, options, tested))];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  for (const [index, cells] of lines.entries()) {
    const facts = cells.map((cell, column) => cell.padStart(widths[column]!)).join('  ');
    const change = shown[index - 1];
    const room = width - facts.length - 2;
    const name = change === undefined ? per : nameOfChange(compared, change, per, room);
    const line = truncateCells(`${facts}  ${name}`, width);
    yield `${index === 0 ? chalk.dim(line) : line}\n`;
  }
  const left = all.length - shown.length;
  const notes = [
    ...(left === 0 ? [] : [`${formatCount(left)} smaller changes are not listed`]),
    ...(tested
      ? [`p by Welch's t-test, adjusted for ${formatCount(all.length)} tests; * up to ${SIGNIFICANT}`]
      : []),
  ];
  if (notes.length > 0) yield `${chalk.dim(truncateCells(notes.join('; '), width))}\n`;
}

function cellsOfChange(change: Change, { unit }: DiffOptions, tested: boolean): string[] {
  const { before, after, delta, relative, kind, adjustedP } = change;
  const sign = delta < 0 ? '-' : delta > 0 ? '+' : '';
  const share = relative === undefined ? 'new' : formatRelative(relative);
  const mark = adjustedP !== undefined && adjustedP <= SIGNIFICANT ? '*' : ' ';
  return [
    formatWeight(before, unit),
    formatWeight(after, unit),
    delta === 0 ? '=' : `${sign}${formatWeight(Math.abs(delta), unit)}`,
    kind === 'vanished' ? 'gone' : delta === 0 ? '=' : share,
    ...(tested ? [`${formatP(adjustedP ?? 1)}${mark}`] : []),
  ];
}

function nameOfChange(
  { diff }: ComparedRuns,
  { node }: Change,
  per: 'stack' | 'frame',
  room: number,
): string {
  if (per === 'frame') return printable(nameOf(diff.tree, node));
  const frames = namesTo(diff.tree, node);
  return Number.isFinite(room) ? stackLabel(frames, room) : stackLabel(frames, Number.MAX_SAFE_INTEGER);
}
