import type { ChalkInstance } from 'chalk';
import { type FrameTree, nameOf } from '../stack/frame-tree.ts';
import type { FlameGraphLayout, Rest } from '../stack/layout-flame-graph.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { chainLabels } from './chain-labels.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { darkTheme, kindOf, shadeOf } from './palette.ts';
import { cellsOf, fitCells, truncateCells } from './text-cells.ts';

/** The narrowest frame that a terminal shows, in cells. */
export const MIN_CELLS = 3;

/** How terminals lay a graph out: the heaviest first, chains as one frame, and a mark for whatever is too narrow. */
export const terminalLayout = {
  minWidth: MIN_CELLS,
  minRestWidth: 1,
  order: 'weight',
  collapseChains: true,
} as const;

/** What a row is drawn with. */
export interface RowLook {
  readonly unit: WeightUnit;
  readonly chalk: ChalkInstance;
  /** The place in the layout to be drawn as the chosen one. */
  readonly chosen?: number;
  /** By name id: whether to draw the frame as found. */
  readonly matchedNames?: Uint8Array;
  /** How frames look that are not coloured by their names and labelled by what they weigh. */
  readonly frame?: FrameLook;
}

/** How the frames of a comparison look. */
export interface FrameLook {
  /** The colour as #rrggbb, and whether it says more (1), less (-1) or the same (0) where there are few colours. */
  readonly fillOf: (node: number) => { readonly fill: string; readonly sign: number };
  /** What is said behind the name, the fullest first. */
  readonly factsOf: (node: number) => readonly string[];
}

/** A run of cells of one line. */
interface Span {
  readonly x: number;
  readonly cells: number;
  readonly text: string;
  /** The frame's place in the layout; undefined for what is merged. */
  readonly place: number | undefined;
}

/** Draws a row of a layout that counts in cells, without blanks at its end. */
export function drawRow(tree: FrameTree, layout: FlameGraphLayout, row: number, look: RowLook): string {
  let line = '';
  let at = 0;
  for (const { x, cells, text, place } of rowSpans(tree, layout, row, look)) {
    line += ' '.repeat(Math.max(0, x - at));
    at = Math.max(at, x) + cells;
    line +=
      place === undefined
        ? look.chalk.dim(fitCells(text, cells))
        : paint(tree, layout, place, text, cells, look);
  }
  return at < layout.widths[0]! ? line : line.trimEnd();
}

/** Tells which cells of its row a frame or a run of frames takes: the first, and how many. */
export function wholeCells(x: number, width: number): [number, number] {
  const start = Math.round(x);
  return [start, Math.round(x + width) - start];
}

function rowSpans(tree: FrameTree, layout: FlameGraphLayout, row: number, look: RowLook): Span[] {
  const spans: Span[] = [];
  for (let place = layout.rowStarts[row]!; place < layout.rowStarts[row + 1]!; place++) {
    const [x, cells] = wholeCells(layout.xs[place]!, layout.widths[place]!);
    // The first cell holds the edge, or keeps labels apart.
    const text = frameLabel(tree, layout.firsts[place]!, layout.nodes[place]!, cells - 1, look);
    spans.push({ x, cells, text, place });
  }
  for (const rest of layout.rests) {
    if (rest.row !== row) continue;
    const [x, cells] = wholeCells(rest.x, rest.width);
    if (cells > 0)
      spans.push({ x, cells, text: restLabel(tree, layout, rest, cells, look.unit), place: undefined });
  }
  return spans.sort((a, b) => a.x - b.x);
}

/** Chooses the fullest label that fits: what names the chain, its weight and share, down to a cut name. */
function frameLabel(tree: FrameTree, first: number, last: number, cells: number, look: RowLook): string {
  const names = chainLabels(tree, first, last);
  const facts = look.frame?.factsOf(last) ?? weightFacts(tree, last, look.unit);
  for (const suffix of [...facts, '']) {
    for (const shown of names) {
      const text = suffix === '' ? shown : `${shown} ${suffix}`;
      if (cellsOf(text) <= cells) return text;
    }
  }
  return truncateCells(names.at(-1)!, cells);
}

function weightFacts(tree: FrameTree, node: number, unit: WeightUnit): readonly string[] {
  const share = formatShare(tree.totals[node]!, tree.totals[0]!);
  return [`${formatWeight(tree.totals[node]!, unit)} ${share}`, share];
}

function restLabel(
  tree: FrameTree,
  layout: FlameGraphLayout,
  rest: Rest,
  cells: number,
  unit: WeightUnit,
): string {
  const count = `+${rest.siblings}`;
  // The widest frame of the layout is the one zoomed to.
  const weight = (rest.width / layout.widths[0]!) * tree.totals[layout.zoom]!;
  const full = `${count} ${formatWeight(weight, unit)} ${formatShare(weight, tree.totals[0]!)}`;
  return [full, count, '+'].find((text) => text.length <= cells) ?? '';
}

function paint(
  tree: FrameTree,
  layout: FlameGraphLayout,
  place: number,
  text: string,
  cells: number,
  { chalk, chosen, matchedNames, frame }: RowLook,
): string {
  const node = layout.nodes[place]!;
  const name = nameOf(tree, node);
  const isChosen = place === chosen;
  const isFound = node !== 0 && chainMatches(tree, layout, place, matchedNames);
  if (chalk.level === 0) return `${isChosen ? '>' : isFound ? '*' : '|'}${fitCells(text, cells - 1)}`;
  const body = fitCells(` ${text}`, cells);
  if (isChosen) return chalk.inverse.bold(body);
  if (isFound)
    return chalk.level === 1
      ? chalk.bgYellow.black(body)
      : chalk.bgHex(darkTheme.match).hex(darkTheme.matchLabel)(body);
  const own = frame?.fillOf(node);
  if (own !== undefined && chalk.level === 1) {
    const painted = { [-1]: chalk.bgBlue.white, 0: chalk.inverse, 1: chalk.bgYellow.black }[own.sign];
    return (painted ?? chalk.inverse)(body);
  }
  if (chalk.level === 1) return shadeOf(name) % 2 === 0 ? chalk.bgBlue.white(body) : chalk.bgCyan.black(body);
  const filled = chalk.bgHex(own?.fill ?? darkTheme.fills[kindOf(name)][shadeOf(name)]!);
  return filled.hex(darkTheme.background)('▏') + filled.hex(darkTheme.label)(fitCells(text, cells - 1));
}

/** Tells whether the frame, or one of those drawn as one with it, matches. */
function chainMatches(
  tree: FrameTree,
  layout: FlameGraphLayout,
  place: number,
  matchedNames: Uint8Array | undefined,
): boolean {
  if (matchedNames === undefined) return false;
  for (let node = layout.firsts[place]!; node <= layout.nodes[place]!; node++) {
    if (matchedNames[tree.nameIds[node]!] === 1) return true;
  }
  return false;
}
