import type { FrameTree } from './frame-tree.ts';
import { matchNames } from './match-names.ts';

export interface SearchResult {
  /** The matching nodes, in preorder; the root never matches. */
  readonly nodes: readonly number[];
  /** By name id: whether the name matches. */
  readonly matchedNames: Uint8Array;
  /** Weight of the stacks that have a match, each counted once however many of its frames match. */
  readonly weight: number;
}

/** Finds the frames whose name matches. */
export function searchTree(tree: FrameTree, matches: (name: string) => boolean): SearchResult {
  const matchedNames = matchNames(tree, matches);
  const nodes: number[] = [];
  let weight = 0;
  let countedUntil = 0;
  for (let node = 1; node < tree.nameIds.length; node++) {
    if (matchedNames[tree.nameIds[node]!] === 0) continue;
    nodes.push(node);
    if (node < countedUntil) continue;
    weight += tree.totals[node]!;
    countedUntil = tree.subtreeEnds[node]!;
  }
  return { nodes, matchedNames, weight };
}
