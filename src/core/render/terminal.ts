import { Chalk, type ChalkInstance } from 'chalk';
import { printable } from '../base/printable.ts';
import { formatCount } from '../base/units.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import { layoutFlameGraph } from '../stack/layout-flame-graph.ts';
import { formatWeight } from './format-weight.ts';
import type { RenderOptions } from './render-options.ts';
import { stackTable } from './stack-table.ts';
import { drawRow, terminalLayout } from './terminal-row.ts';
import { truncateCells } from './text-cells.ts';
import { topStacks } from './top-stacks.ts';

/** How many of the heaviest stacks are listed where the height does not limit it. */
const TOP_STACKS = 10;

/**
 * Draws a flame graph as text, the root on top, siblings by weight: a frame that only calls one other is drawn as one
 * with it, siblings under three cells become a grey `+N`, and the lines left over list the heaviest stacks.
 */
export function* renderTerminal(tree: FrameTree, options: RenderOptions): Generator<string> {
  const width = Math.max(10, Math.floor(options.width ?? 80));
  const height = options.height === undefined ? Number.POSITIVE_INFINITY : Math.floor(options.height);
  const chalk = new Chalk({ level: options.colorLevel ?? 0 });
  const lines = headLines(tree, options, width, chalk);
  const layout = layoutFlameGraph(tree, { width, ...terminalLayout });
  const rowCount = layout.rowStarts.length - 1;
  const room = Math.max(1, height - lines.length);
  // One line less than there would be, for the note about what does not fit.
  const shown = rowCount <= room ? rowCount : Math.max(1, room - 1);
  for (let row = 0; row < shown; row++) lines.push(drawRow(tree, layout, row, { unit: options.unit, chalk }));
  if (shown < rowCount) {
    lines.push(chalk.dim(truncateCells(`… ${formatCount(rowCount - shown)} more rows below`, width)));
  } else {
    lines.push(...topLines(tree, options, width, height - lines.length, chalk));
  }
  yield `${lines.join('\n')}\n`;
}

function headLines(tree: FrameTree, options: RenderOptions, width: number, chalk: ChalkInstance): string[] {
  const total = formatWeight(tree.totals[0]!, options.unit);
  const title = truncateCells(printable(`${options.title ?? 'Flame graph'} · ${total}`), width);
  const lines = [chalk.bold(title)];
  if (options.subtitle !== undefined)
    lines.push(chalk.dim(truncateCells(printable(options.subtitle), width)));
  if (options.lost !== undefined && options.lost > 0) {
    lines.push(
      chalk.yellow(truncateCells(`${formatCount(options.lost)} events were lost and are missing`, width)),
    );
  }
  return lines;
}

function topLines(
  tree: FrameTree,
  options: RenderOptions,
  width: number,
  room: number,
  chalk: ChalkInstance,
): string[] {
  // A blank line and a heading come with it.
  const top = topStacks(tree, Number.isFinite(room) ? Math.max(0, room - 2) : TOP_STACKS);
  if (top.length === 0) return [];
  const heading = chalk.bold(truncateCells('Heaviest stacks', width));
  return ['', heading, ...stackTable(tree, top, options.unit, width)];
}
