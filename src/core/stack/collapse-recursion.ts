import type { FrameTree } from './frame-tree.ts';
import { rebuildTree } from './rebuild-tree.ts';

/** Merges frames that call themselves directly into one: `a;b;b;b;c` becomes `a;b;c`. Keeps the total. */
export function collapseRecursion(tree: FrameTree): FrameTree {
  return rebuildTree(tree, (node, above) => (tree.nameIds[node] === above ? 'splice' : 'keep'));
}
