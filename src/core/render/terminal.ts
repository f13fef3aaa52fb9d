import { Chalk, type ChalkInstance } from 'chalk';
import { printable } from '../base/printable.ts';
import { formatCount } from '../base/units.ts';
import { type FrameTree, nameOf, namesTo } from '../stack/frame-tree.ts';
import { type FlameGraphLayout, layoutFlameGraph, type Rest } from '../stack/layout-flame-graph.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { darkTheme, kindOf, shadeOf } from './palette.ts';
import type { RenderOptions } from './render-options.ts';
import { cellsOf, fitCells, truncateCells } from './text-cells.ts';
import { topStacks } from './top-stacks.ts';

/** The narrowest frame that is drawn, in cells. */
const MIN_CELLS = 3;
/** How many of the heaviest stacks are listed where the height does not limit it. */
const TOP_STACKS = 10;

/** A run of cells of one line. */
interface Span {
  readonly x: number;
  readonly cells: number;
  readonly text: string;
  /** What colours it; undefined for what is merged. */
  readonly name: string | undefined;
}

/**
 * Draws a flame graph as text, the root on top, siblings by weight: a frame that only calls one other is drawn as one
 * with it, siblings under three cells become a grey `+N`, and the lines left over list the heaviest stacks.
 */
export function* renderTerminal(tree: FrameTree, options: RenderOptions): Generator<string> {
  const width = Math.max(10, Math.floor(options.width ?? 80));
  const height = options.height === undefined ? Number.POSITIVE_INFINITY : Math.floor(options.height);
  const chalk = new Chalk({ level: options.colorLevel ?? 0 });
  const lines = headLines(tree, options, width, chalk);
  const layout = layoutFlameGraph(tree, {
    width,
    minWidth: MIN_CELLS,
    minRestWidth: 1,
    order: 'weight',
    collapseChains: true,
  });
  const rowCount = layout.rowStarts.length - 1;
  const room = Math.max(1, height - lines.length);
  // One line less than there would be, for the note about what does not fit.
  const shown = rowCount <= room ? rowCount : Math.max(1, room - 1);
  for (let row = 0; row < shown; row++)
    lines.push(drawLine(rowSpans(tree, layout, row, options), width, chalk));
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

function rowSpans(tree: FrameTree, layout: FlameGraphLayout, row: number, options: RenderOptions): Span[] {
  const spans: Span[] = [];
  for (let place = layout.rowStarts[row]!; place < layout.rowStarts[row + 1]!; place++) {
    const [x, cells] = wholeCells(layout.xs[place]!, layout.widths[place]!);
    const node = layout.nodes[place]!;
    // The first cell holds the edge, or keeps labels apart.
    const text = frameLabel(tree, layout.firsts[place]!, node, cells - 1, options);
    spans.push({ x, cells, text, name: nameOf(tree, node) });
  }
  for (const rest of layout.rests) {
    if (rest.row !== row) continue;
    const [x, cells] = wholeCells(rest.x, rest.width);
    if (cells > 0)
      spans.push({ x, cells, text: restLabel(tree, layout, rest, cells, options), name: undefined });
  }
  return spans.sort((a, b) => a.x - b.x);
}

function restLabel(
  tree: FrameTree,
  layout: FlameGraphLayout,
  rest: Rest,
  cells: number,
  options: RenderOptions,
): string {
  const count = `+${rest.siblings}`;
  const share = rest.width / layout.widths[0]!;
  const full = `${count} ${formatWeight(share * tree.totals[0]!, options.unit)} ${formatShare(share, 1)}`;
  return [full, count, '+'].find((text) => text.length <= cells) ?? '';
}

function wholeCells(x: number, width: number): [number, number] {
  const start = Math.round(x);
  return [start, Math.round(x + width) - start];
}

/** Chooses the fullest label that fits: the chain and the last frame, its weight and share, down to a cut name. */
function frameLabel(
  tree: FrameTree,
  first: number,
  last: number,
  cells: number,
  options: RenderOptions,
): string {
  const name = printable(nameOf(tree, last));
  const share = formatShare(tree.totals[last]!, tree.totals[0]!);
  const facts = `${formatWeight(tree.totals[last]!, options.unit)} ${share}`;
  const names = first === last ? [name] : [`${printable(nameOf(tree, first))}… > ${name}`, name];
  for (const suffix of [facts, share, '']) {
    for (const shown of names) {
      const text = suffix === '' ? shown : `${shown} ${suffix}`;
      if (cellsOf(text) <= cells) return text;
    }
  }
  return truncateCells(name, cells);
}

function drawLine(spans: readonly Span[], width: number, chalk: ChalkInstance): string {
  let line = '';
  let at = 0;
  for (const { x, cells, text, name } of spans) {
    line += ' '.repeat(Math.max(0, x - at));
    at = Math.max(at, x) + cells;
    line += name === undefined ? chalk.dim(fitCells(text, cells)) : paint(text, cells, name, chalk);
  }
  return at < width ? line : line.trimEnd();
}

function paint(text: string, cells: number, name: string, chalk: ChalkInstance): string {
  if (chalk.level === 0) return `|${fitCells(text, cells - 1)}`;
  if (chalk.level === 1) {
    const body = fitCells(` ${text}`, cells);
    return shadeOf(name) % 2 === 0 ? chalk.bgBlue.white(body) : chalk.bgCyan.black(body);
  }
  const filled = chalk.bgHex(darkTheme.fills[kindOf(name)][shadeOf(name)]!);
  return filled.hex(darkTheme.background)('▏') + filled.hex(darkTheme.label)(fitCells(text, cells - 1));
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
  const weights = top.map((node) => formatWeight(tree.selfs[node]!, options.unit));
  const shares = top.map((node) => formatShare(tree.selfs[node]!, tree.totals[0]!));
  const weightCells = Math.max(...weights.map((text) => text.length));
  const shareCells = Math.max(...shares.map((text) => text.length));
  const lines = top.map((node, index) => {
    const facts = `${weights[index]!.padStart(weightCells)} ${shares[index]!.padStart(shareCells)} `;
    return truncateCells(facts + stackLabel(tree, node, width - facts.length), width);
  });
  return ['', chalk.bold(truncateCells('Heaviest stacks', width)), ...lines];
}

/** Prints a stack by its first frame and as many of its last ones as fit. */
function stackLabel(tree: FrameTree, node: number, cells: number): string {
  const names = namesTo(tree, node).map(printable);
  if (names.length === 0) return '(no frames)';
  const whole = names.join(' > ');
  if (cellsOf(whole) <= cells) return whole;
  let label = names.at(-1)!;
  if (cellsOf(`${names[0]} > … > ${label}`) > cells) return `… > ${label}`;
  for (let from = names.length - 2; from > 0; from--) {
    const longer = `${names[from]} > ${label}`;
    if (cellsOf(`${names[0]} > … > ${longer}`) > cells) break;
    label = longer;
  }
  return `${names[0]} > … > ${label}`;
}
