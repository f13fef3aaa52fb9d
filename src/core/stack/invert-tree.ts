import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';
import { visitStacks } from './visit-stacks.ts';

/**
 * Turns every stack around, so that the tree starts from the frames in which time was spent. The first `groups` frames
 * of each stack, what it was grouped by, stay where they are. Keeps the total.
 */
export function invertTree(tree: FrameTree, groups = 0): FrameTree {
  const builder = new TreeBuilder();
  let reversed = new Uint32Array(1 << 8);
  visitStacks(tree, (path, size, weight) => {
    reversed = growTyped(reversed, size);
    const kept = Math.min(groups, size);
    for (let index = 0; index < kept; index++) reversed[index] = path[index]!;
    for (let index = kept; index < size; index++) reversed[index] = path[size - 1 - index + kept]!;
    builder.add(reversed, size, weight);
  });
  return builder.finish(tree.names);
}
