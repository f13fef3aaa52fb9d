import type { FrameTree } from './frame-tree.ts';
import { rebuildTree } from './rebuild-tree.ts';

/** The name of the frame that stands for those that were too small to keep. */
export const SMALLER_NAME = '[smaller frames]';

/**
 * Keeps the `count` heaviest frames; the others become one frame named `[smaller frames]` under what called them.
 * Frames that weigh the same as the last one that fits go with the smaller ones. Keeps the total.
 */
export function keepTop(tree: FrameTree, count: number): FrameTree {
  if (tree.totals.length - 1 <= count) return tree;
  const sorted = tree.totals.slice(1).sort();
  const heaviestLeftOut = sorted[sorted.length - 1 - Math.max(0, count)]!;
  return rebuildTree(tree, (node) => (tree.totals[node]! > heaviestLeftOut ? 'keep' : 'fold'), SMALLER_NAME);
}
