import type { FrameTree } from './frame-tree.ts';
import { matchNames } from './match-names.ts';
import { type Fate, rebuildTree } from './rebuild-tree.ts';

/** Keeps only the stacks that have a matching frame, whole; the total shrinks to their weight. */
export function focusFrames(tree: FrameTree, matches: (name: string) => boolean): FrameTree {
  const matched = matchNames(tree, matches);
  const fates = new Array<Fate>(tree.nameIds.length).fill('drop');
  for (let node = 1; node < fates.length; ) {
    if (matched[tree.nameIds[node]!] === 0) {
      node++;
      continue;
    }
    fates.fill('keep', node, tree.subtreeEnds[node]!);
    node = tree.subtreeEnds[node]!;
  }
  // A frame above a match stays as part of the way to it; the stacks that end in it have no match.
  const found = new Uint8Array(tree.nameIds.length);
  let deepest = 0;
  for (const depth of tree.depths) deepest = Math.max(deepest, depth);
  const below = new Uint8Array(deepest + 2);
  for (let node = fates.length - 1; node > 0; node--) {
    const depth = tree.depths[node]!;
    found[node] = fates[node] === 'keep' || below[depth + 1] === 1 ? 1 : 0;
    below[depth + 1] = 0;
    if (found[node] === 1) below[depth] = 1;
    if (found[node] === 1 && fates[node] === 'drop') fates[node] = 'pass';
  }
  return withoutRootSelf(rebuildTree(tree, (node) => fates[node]!));
}

/** Stacks without frames match nothing. */
function withoutRootSelf(tree: FrameTree): FrameTree {
  if (tree.selfs[0] === 0) return tree;
  const selfs = tree.selfs.slice();
  const totals = tree.totals.slice();
  totals[0] = 0;
  for (let child = 1; child < totals.length; child = tree.subtreeEnds[child]!) totals[0] += totals[child]!;
  selfs[0] = 0;
  return { ...tree, selfs, totals };
}
