import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { TreeBuilder } from './tree-builder.ts';

/**
 * What becomes of a frame: `keep` it; `pass` through it, leaving out its own weight; `splice` it out, its children and
 * its own weight going to the frame above; `drop` it and everything below; `fold` it and everything below into one
 * frame with the name of the fold.
 */
export type Fate = 'keep' | 'pass' | 'splice' | 'drop' | 'fold';

/** Builds a tree from another's stacks, asking for each frame but the root what becomes of it. */
export function rebuildTree(
  tree: FrameTree,
  fateOf: (node: number, aboveNameId: number) => Fate,
  foldName = '',
): FrameTree {
  const builder = new TreeBuilder();
  const names = tree.names.includes(foldName) ? tree.names : [...tree.names, foldName];
  const foldId = names.indexOf(foldName);
  let path = new Uint32Array(1 << 8);
  /** How many frames the new path has at each depth of the old one. */
  let sizes = new Uint32Array(1 << 8);
  if (tree.selfs[0] !== 0) builder.add(path, 0, tree.selfs[0]!);
  for (let node = 1; node < tree.nameIds.length; ) {
    const depth = tree.depths[node]!;
    if (depth + 1 >= path.length) {
      path = growTyped(path, path.length * 2);
      sizes = growTyped(sizes, sizes.length * 2);
    }
    const above = sizes[depth - 1]!;
    const fate = fateOf(node, above === 0 ? -1 : path[above - 1]!);
    if (fate === 'drop' || fate === 'fold') {
      path[above] = foldId;
      if (fate === 'fold') builder.add(path, above + 1, tree.totals[node]!);
      node = tree.subtreeEnds[node]!;
      continue;
    }
    if (fate !== 'splice') path[above] = tree.nameIds[node]!;
    sizes[depth] = fate === 'splice' ? above : above + 1;
    const isLeaf = tree.subtreeEnds[node] === node + 1;
    if (fate !== 'pass' && (tree.selfs[node] !== 0 || isLeaf))
      builder.add(path, sizes[depth]!, tree.selfs[node]!);
    node++;
  }
  return builder.finish(names);
}
