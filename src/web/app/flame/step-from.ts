import { type FrameTree, parentOf } from '../../../core/stack/frame-tree.ts';
import type { FlameGraphLayout } from '../../../core/stack/layout-flame-graph.ts';

export type Step = 'caller' | 'callee' | 'before' | 'after';

/**
 * Finds the drawn frame that a step leads to: the caller, the widest callee, or the neighbour in the same row;
 * the frame itself where there is none.
 */
export function stepFrom(tree: FrameTree, layout: FlameGraphLayout, node: number, step: Step): number {
  const row = tree.depths[node]!;
  if (step === 'caller') return Math.max(0, parentOf(tree, node));
  if (step === 'callee') return widestCallee(tree, layout, node, row + 1) ?? node;
  const start = layout.rowStarts[row]!;
  const frames = layout.nodes.subarray(start, layout.rowStarts[row + 1]);
  const next = frames.indexOf(node) + (step === 'before' ? -1 : 1);
  return frames[next] ?? node;
}

function widestCallee(
  tree: FrameTree,
  layout: FlameGraphLayout,
  node: number,
  row: number,
): number | undefined {
  let widest: number | undefined;
  let width = 0;
  for (let place = layout.rowStarts[row] ?? 0; place < (layout.rowStarts[row + 1] ?? 0); place++) {
    const callee = layout.nodes[place]!;
    const isBelow = callee > node && callee < tree.subtreeEnds[node]!;
    if (!isBelow || layout.widths[place]! <= width) continue;
    widest = callee;
    width = layout.widths[place]!;
  }
  return widest;
}
