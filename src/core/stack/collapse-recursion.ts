import type { FrameTree } from './frame-tree.ts';
import { rebuildTree } from './rebuild-tree.ts';

/**
 * Merges frames that call themselves directly into one: `a;b;b;b;c` becomes `a;b;c`. The first `groups` frames of each
 * stack, what it was grouped by, call nothing. Keeps the total.
 */
export function collapseRecursion(tree: FrameTree, groups = 0): FrameTree {
  return rebuildTree(tree, (node, above) =>
    tree.nameIds[node] === above && tree.depths[node]! > groups + 1 ? 'splice' : 'keep',
  );
}
