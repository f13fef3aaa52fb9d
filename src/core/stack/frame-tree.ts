/**
 * A merged call tree as flat arrays in preorder: node 0 is the root, a node's children follow it, and its subtree is
 * the nodes from it up to, not including, `subtreeEnd`. Children are in ascending order of their names (UTF-16 units).
 */
export interface FrameTree {
  /** The distinct frame names in ascending order, so that of two nodes the one with the lower `nameId` sorts first. */
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

/** What the root of every tree is called. */
export const ROOT_NAME = 'root';

/** Tells the name of a node. */
export function nameOf(tree: FrameTree, node: number): string {
  return tree.names[tree.nameIds[node]!]!;
}

/** Lists the nodes from below the root down to `node`; empty for the root itself. */
export function pathTo(tree: FrameTree, node: number): number[] {
  const path: number[] = [];
  let wanted = tree.depths[node]!;
  for (let at = node; wanted > 0; at--) {
    if (tree.depths[at] !== wanted) continue;
    path.push(at);
    wanted--;
  }
  return path.reverse();
}

/** Finds the parent of a node; -1 for the root. */
export function parentOf(tree: FrameTree, node: number): number {
  const wanted = tree.depths[node]! - 1;
  if (wanted < 0) return -1;
  let at = node - 1;
  while (tree.depths[at]! !== wanted) at--;
  return at;
}

/** Finds the child of `parent` with that name; -1 if there is none. */
export function childNamed(tree: FrameTree, parent: number, name: string): number {
  const end = tree.subtreeEnds[parent]!;
  for (let child = parent + 1; child < end; child = tree.subtreeEnds[child]!) {
    if (nameOf(tree, child) === name) return child;
  }
  return -1;
}

/** Follows names down from the root, as far as they go. */
export function findPath(tree: FrameTree, names: readonly string[]): number {
  let node = 0;
  for (const name of names) {
    const child = childNamed(tree, node, name);
    if (child < 0) break;
    node = child;
  }
  return node;
}

/** Lists the names from below the root down to `node`. */
export function namesTo(tree: FrameTree, node: number): string[] {
  return pathTo(tree, node).map((at) => nameOf(tree, at));
}
