import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';
import { visitStacks } from './visit-stacks.ts';

/** Turns every stack around, so that the tree starts from the frames in which time was spent. Keeps the total. */
export function invertTree(tree: FrameTree): FrameTree {
  const builder = new TreeBuilder();
  let reversed = new Uint32Array(1 << 8);
  visitStacks(tree, (path, size, weight) => {
    reversed = growTyped(reversed, size);
    for (let index = 0; index < size; index++) reversed[index] = path[size - 1 - index]!;
    builder.add(reversed, size, weight);
  });
  return builder.finish(tree.names);
}
