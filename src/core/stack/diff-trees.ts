import type { FrameTree } from './frame-tree.ts';
import { mergeTrees } from './merge-trees.ts';
import { projectTree } from './project-tree.ts';
import { treeOfPreorder } from './tree-of-preorder.ts';

/** How the two sides are made comparable: as they are, by equal totals, or the first side times a factor. */
export type Normalization = 'none' | 'total' | number;

/**
 * Two trees laid over each other. All arrays are indexed by the nodes of `tree`, which has every frame of either side;
 * its weights are the larger of both sides', stack by stack, so that what vanished has a width too.
 */
export interface DiffTree {
  readonly tree: FrameTree;
  /** Weights of the first side, already multiplied by `beforeScale`. */
  readonly beforeTotals: Float64Array;
  readonly beforeSelfs: Float64Array;
  readonly afterTotals: Float64Array;
  readonly afterSelfs: Float64Array;
  readonly beforeScale: number;
  readonly normalization: Normalization;
}

/** Compares two trees, frame by frame. */
export function diffTrees(
  before: FrameTree,
  after: FrameTree,
  options: { readonly normalize?: Normalization } = {},
): DiffTree {
  const normalization = options.normalize ?? 'none';
  const beforeScale = scaleOf(before, after, normalization);
  const shape = mergeTrees([before, after]);
  const { totals: beforeTotals, selfs: beforeSelfs } = projectTree(before, shape, beforeScale);
  const { totals: afterTotals, selfs: afterSelfs } = projectTree(after, shape);
  const selfs = beforeSelfs.map((weight, node) => Math.max(weight, afterSelfs[node]!));
  const tree = treeOfPreorder(shape.names, shape.nameIds, shape.depths, selfs);
  return { tree, beforeTotals, beforeSelfs, afterTotals, afterSelfs, beforeScale, normalization };
}

/** What changed in a node: in it and all below, in it alone, and whether its stacks are new or have vanished. */
export interface NodeDelta {
  readonly total: number;
  readonly self: number;
  readonly kind: 'new' | 'vanished' | 'both';
}

/** Tells what changed in a node. */
export function nodeDelta(diff: DiffTree, node: number): NodeDelta {
  const before = diff.beforeTotals[node]!;
  const after = diff.afterTotals[node]!;
  return {
    total: change(before, after),
    self: change(diff.beforeSelfs[node]!, diff.afterSelfs[node]!),
    kind: before === 0 && after > 0 ? 'new' : after === 0 && before > 0 ? 'vanished' : 'both',
  };
}

/** What scaling has rounded is no change. */
function change(before: number, after: number): number {
  const delta = after - before;
  return Math.abs(delta) <= 1e-12 * Math.max(before, after) ? 0 : delta;
}

function scaleOf(before: FrameTree, after: FrameTree, normalization: Normalization): number {
  if (normalization === 'none') return 1;
  if (normalization !== 'total') return normalization;
  const total = before.totals[0]!;
  return total > 0 && after.totals[0]! > 0 ? after.totals[0]! / total : 1;
}
