import { type FrameTree, nameOf } from './frame-tree.ts';

/** The weights of a tree by the nodes of another one. */
export interface ProjectedWeights {
  readonly totals: Float64Array<ArrayBuffer>;
  readonly selfs: Float64Array<ArrayBuffer>;
}

/** Lays a tree's weights over a tree that has all of its nodes: both are in the same order, so one pass finds each. */
export function projectTree(tree: FrameTree, shape: FrameTree, scale = 1): ProjectedWeights {
  const totals = new Float64Array(shape.nameIds.length);
  const selfs = new Float64Array(shape.nameIds.length);
  let next = 0;
  for (let node = 0; node < totals.length && next < tree.nameIds.length; node++) {
    if (tree.depths[next] !== shape.depths[node] || nameOf(tree, next) !== nameOf(shape, node)) continue;
    totals[node] = tree.totals[next]! * scale;
    selfs[node] = tree.selfs[next]! * scale;
    next++;
  }
  return { totals, selfs };
}
