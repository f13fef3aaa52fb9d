import type { FrameTree } from './frame-tree.ts';

/** Completes a tree from its nodes in preorder, children in order of their names, by summing up and finding the ends. */
export function treeOfPreorder(
  names: readonly string[],
  nameIds: Uint32Array,
  depths: Uint32Array,
  selfs: Float64Array,
): FrameTree {
  const count = nameIds.length;
  const totals = selfs.slice();
  const subtreeEnds = new Uint32Array(count);
  const parents = new Int32Array(count);
  /** The nodes on the way to the current one. */
  const open: number[] = [];
  for (let node = 0; node < count; node++) {
    const depth = depths[node]!;
    while (open.length > depth) subtreeEnds[open.pop()!] = node;
    parents[node] = depth === 0 ? -1 : open[depth - 1]!;
    open.push(node);
  }
  for (const node of open) subtreeEnds[node] = count;
  for (let node = count - 1; node > 0; node--) totals[parents[node]!]! += totals[node]!;
  return { names, nameIds, totals, selfs, depths, subtreeEnds };
}
