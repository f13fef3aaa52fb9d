import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';
import { visitStacks } from './visit-stacks.ts';

/** Adds trees up into one: equal stacks are summed. */
export function mergeTrees(trees: readonly FrameTree[]): FrameTree {
  const builder = new TreeBuilder();
  const names: string[] = [];
  const ids = new Map<string, number>();
  let shared = new Uint32Array(1 << 8);
  for (const tree of trees) {
    const idOf = tree.names.map((name) => {
      const id = ids.get(name) ?? names.push(name) - 1;
      ids.set(name, id);
      return id;
    });
    visitStacks(tree, (path, size, weight) => {
      shared = growTyped(shared, size);
      for (let index = 0; index < size; index++) shared[index] = idOf[path[index]!]!;
      builder.add(shared, size, weight);
    });
  }
  return builder.finish(names);
}
