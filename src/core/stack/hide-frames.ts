import type { FrameTree } from './frame-tree.ts';
import { matchNames } from './match-names.ts';
import { rebuildTree } from './rebuild-tree.ts';

/**
 * Leaves the matching frames out of their stacks: what they call hangs from what called them. The first `groups` frames
 * of each stack, what it was grouped by, stay. Keeps the total.
 */
export function hideFrames(tree: FrameTree, matches: (name: string) => boolean, groups = 0): FrameTree {
  const matched = matchNames(tree, matches);
  return rebuildTree(tree, (node) =>
    matched[tree.nameIds[node]!] === 1 && tree.depths[node]! > groups ? 'splice' : 'keep',
  );
}
