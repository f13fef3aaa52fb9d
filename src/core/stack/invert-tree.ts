import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';

/** Turns every stack around, so that the tree starts from the frames in which time was spent. Keeps the total. */
export function invertTree(tree: FrameTree): FrameTree {
  const builder = new TreeBuilder();
  let path = new Uint32Array(1 << 8);
  let reversed = new Uint32Array(1 << 8);
  for (let node = 0; node < tree.nameIds.length; node++) {
    const depth = tree.depths[node]!;
    if (depth > 0) {
      path = growTyped(path, depth);
      path[depth - 1] = tree.nameIds[node]!;
    }
    if (tree.selfs[node] === 0 && tree.subtreeEnds[node] !== node + 1) continue;
    reversed = growTyped(reversed, depth);
    for (let index = 0; index < depth; index++) reversed[index] = path[depth - 1 - index]!;
    builder.add(reversed, depth, tree.selfs[node]!);
  }
  return builder.finish(tree.names);
}
