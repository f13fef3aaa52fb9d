import { type FrameTree, pathTo } from './frame-tree.ts';

export interface LayoutOptions {
  /** Of the whole graph, in whatever the drawing counts: pixels, cells. */
  readonly width: number;
  /** Frames narrower than this are left out; 1 if absent. */
  readonly minWidth?: number;
  /** The node that fills the width; the root if absent. Its ancestors fill it too. */
  readonly zoom?: number;
  /** How siblings follow each other; by name if absent. */
  readonly order?: 'name' | 'weight';
  /** The width from which a run of frames that are too narrow is worth a mark; `minWidth` if absent. */
  readonly minRestWidth?: number;
  /**
   * Draws a frame that does nothing but call one other as one with that other; rows are then not depths. The root's
   * own children stay as they are: often they are what a user grouped by.
   */
  readonly collapseChains?: boolean;
  /** Draws the nodes by these weights, such as one side of a diff, in place of the tree's totals. */
  readonly weights?: Float64Array;
}

/** Neighbouring siblings that are each too narrow to draw. */
export interface Rest {
  /** The first of them. */
  readonly node: number;
  readonly row: number;
  readonly x: number;
  readonly width: number;
  /** How many siblings it stands for. */
  readonly siblings: number;
}

/** The visible rectangles, row by row and from left to right; a node's row is its depth, unless chains collapse. */
export interface FlameGraphLayout {
  /** The node that fills the width. */
  readonly zoom: number;
  readonly nodes: Uint32Array;
  /** The first node of the chain that ends in each node; the node itself where nothing was collapsed. */
  readonly firsts: Uint32Array;
  readonly xs: Float64Array;
  readonly widths: Float64Array;
  /** Where each row starts in the arrays above; one entry more than there are rows. */
  readonly rowStarts: Uint32Array;
  /** Runs of left-out siblings that are wide enough together. */
  readonly rests: readonly Rest[];
  /** How many frames below the zoomed one were too narrow, and which share of its weight they have. */
  readonly droppedFrames: number;
  readonly droppedShare: number;
}

/** Places the frames of a tree that are wide enough to see. */
export function layoutFlameGraph(tree: FrameTree, options: LayoutOptions): FlameGraphLayout {
  const weights = options.weights ?? tree.totals;
  const minWidth = options.minWidth ?? 1;
  const minRestWidth = options.minRestWidth ?? minWidth;
  const zoom = options.zoom ?? 0;
  const nodes: number[] = [];
  const firsts: number[] = [];
  const xs: number[] = [];
  const widths: number[] = [];
  const rowStarts: number[] = [];
  const rests: Rest[] = [];
  for (const ancestor of [0, ...pathTo(tree, zoom)]) {
    rowStarts.push(nodes.length);
    nodes.push(ancestor);
    firsts.push(ancestor);
    xs.push(0);
    widths.push(options.width);
  }
  // Part of the whole first: the width over a tiny whole would be infinite.
  const whole = weights[zoom]!;
  const widthOf = (weight: number) => (whole > 0 ? (weight / whole) * options.width : 0);
  let droppedFrames = 0;
  let droppedWeight = 0;
  let rowStart = nodes.length - 1;
  while (rowStart < nodes.length) {
    const rowEnd = nodes.length;
    for (let above = rowStart; above < rowEnd; above++) {
      let x = xs[above]!;
      let rest: { node: number; x: number; weight: number; siblings: number } | undefined;
      const endRest = () => {
        if (rest === undefined) return;
        const { weight, ...run } = rest;
        const width = widthOf(weight);
        if (width >= minRestWidth && width > 0) rests.push({ ...run, row: rowStarts.length, width });
        rest = undefined;
      };
      for (const child of childrenOf(tree, nodes[above]!, options.order, weights)) {
        const width = widthOf(weights[child]!);
        if (width >= minWidth && width > 0) {
          endRest();
          nodes.push(options.collapseChains === true && rowStarts.length > 1 ? chainEnd(tree, child) : child);
          firsts.push(child);
          xs.push(x);
          widths.push(width);
        } else {
          rest ??= { node: child, x, weight: 0, siblings: 0 };
          rest.weight += weights[child]!;
          rest.siblings++;
          droppedFrames += tree.subtreeEnds[child]! - child;
          droppedWeight += weights[child]!;
        }
        x += width;
      }
      endRest();
    }
    rowStart = rowEnd;
    rowStarts.push(rowEnd);
  }
  return {
    zoom,
    nodes: Uint32Array.from(nodes),
    firsts: Uint32Array.from(firsts),
    xs: Float64Array.from(xs),
    widths: Float64Array.from(widths),
    rowStarts: Uint32Array.from(rowStarts),
    rests,
    droppedFrames,
    droppedShare: whole > 0 ? droppedWeight / whole : 0,
  };
}

/** Finds the place in the layout of what is drawn at `x` in a row; -1 where nothing is. */
export function placeAt(layout: FlameGraphLayout, row: number, x: number): number {
  if (row < 0 || row + 1 >= layout.rowStarts.length) return -1;
  let low = layout.rowStarts[row]!;
  let high = layout.rowStarts[row + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (x < layout.xs[middle]!) high = middle - 1;
    else if (x >= layout.xs[middle]! + layout.widths[middle]!) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** Finds the place of a node in a row of a layout by name; -1 if it was too narrow. */
export function placeOf(layout: FlameGraphLayout, row: number, node: number): number {
  if (row + 1 >= layout.rowStarts.length) return -1;
  // By name, siblings and so whole rows are in the order of their numbers.
  let low = layout.rowStarts[row]!;
  let high = layout.rowStarts[row + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (layout.nodes[middle]! === node) return middle;
    if (layout.nodes[middle]! < node) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Follows a frame down for as long as it has no weight of its own and calls one other frame only. */
function chainEnd(tree: FrameTree, node: number): number {
  const end = tree.subtreeEnds[node]!;
  let last = node;
  while (last + 1 < end && tree.subtreeEnds[last + 1] === end && tree.selfs[last] === 0) last++;
  return last;
}

function childrenOf(
  tree: FrameTree,
  parent: number,
  order: LayoutOptions['order'],
  weights: Float64Array,
): number[] {
  const children: number[] = [];
  const end = tree.subtreeEnds[parent]!;
  for (let child = parent + 1; child < end; child = tree.subtreeEnds[child]!) children.push(child);
  if (order === 'weight') children.sort((a, b) => weights[b]! - weights[a]! || a - b);
  return children;
}
