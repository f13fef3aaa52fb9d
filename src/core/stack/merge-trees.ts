import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';

/** Adds trees up into one: equal stacks are summed. */
export function mergeTrees(trees: readonly FrameTree[]): FrameTree {
  const builder = new TreeBuilder();
  const names: string[] = [];
  let path = new Uint32Array(1 << 8);
  const ids = new Map<string, number>();
  for (const tree of trees) {
    const idOf = tree.names.map((name) => {
      const id = ids.get(name) ?? names.push(name) - 1;
      ids.set(name, id);
      return id;
    });
    for (let node = 0; node < tree.nameIds.length; node++) {
      const depth = tree.depths[node]!;
      if (depth > 0) {
        path = growTyped(path, depth);
        path[depth - 1] = idOf[tree.nameIds[node]!]!;
      }
      const isLeaf = tree.subtreeEnds[node] === node + 1;
      if (tree.selfs[node] !== 0 || isLeaf) builder.add(path, depth, tree.selfs[node]!);
    }
  }
  return builder.finish(names);
}
