import type { FrameTree } from './frame-tree.ts';
import { SMALLER_NAME } from './keep-top.ts';
import { rebuildTree } from './rebuild-tree.ts';

/**
 * Keeps the frames that have at least `share` (0 to 1) of the total; the others become one frame named
 * `[smaller frames]` under what called them. Keeps the total.
 */
export function minShare(tree: FrameTree, share: number): FrameTree {
  const least = tree.totals[0]! * share;
  return rebuildTree(tree, (node) => (tree.totals[node]! >= least ? 'keep' : 'fold'), SMALLER_NAME);
}
