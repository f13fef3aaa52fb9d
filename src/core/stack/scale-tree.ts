import type { FrameTree } from './frame-tree.ts';

/** Multiplies all weights of a tree. */
export function scaleTree(tree: FrameTree, factor: number): FrameTree {
  if (factor === 1) return tree;
  const scale = (weight: number) => weight * factor;
  return { ...tree, totals: tree.totals.map(scale), selfs: tree.selfs.map(scale) };
}
