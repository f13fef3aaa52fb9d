import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';

/**
 * Hands out each stack of a tree, root first: its name ids, of which the first `size` count and which are overwritten
 * by the next stack, and its weight. Stacks without weight are handed out where nothing hangs below them.
 */
export function visitStacks(
  tree: FrameTree,
  visitor: (path: Uint32Array, size: number, weight: number) => void,
): void {
  let path = new Uint32Array(1 << 8);
  for (let node = 0; node < tree.nameIds.length; node++) {
    const depth = tree.depths[node]!;
    if (depth > 0) {
      path = growTyped(path, depth);
      path[depth - 1] = tree.nameIds[node]!;
    }
    const isLeaf = tree.subtreeEnds[node] === node + 1 && depth > 0;
    if (tree.selfs[node] !== 0 || isLeaf) visitor(path, depth, tree.selfs[node]!);
  }
}
