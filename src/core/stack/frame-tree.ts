/**
 * A merged call tree as flat arrays in preorder: node 0 is the root, a node's children follow it, and its subtree is
 * the nodes from it up to, not including, `subtreeEnd`. Children are in ascending order of their names (UTF-16 units).
 */
export interface FrameTree {
  /** The distinct frame names; `nameIds` index it. */
  readonly names: readonly string[];
  readonly nameIds: Uint32Array;
  /** Inclusive weight of each node: its own and all of its descendants'. */
  readonly totals: Float64Array;
  /** Weight of the stacks that end in the node. */
  readonly selfs: Float64Array;
  /** 0 for the root. */
  readonly depths: Uint32Array;
  /** Index one past the last node of the subtree. */
  readonly subtreeEnds: Uint32Array;
}

/** A folded stack, root first, frames parted by `;`, and what it weighs. */
export interface WeightedStack {
  readonly stack: string;
  readonly weight: number;
}
