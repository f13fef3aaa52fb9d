import type { FrameTree } from './frame-tree.ts';
import { matchNames } from './match-names.ts';
import { rebuildTree } from './rebuild-tree.ts';

/** Drops the stacks that have a matching frame; the total shrinks by their weight. */
export function excludeFrames(tree: FrameTree, matches: (name: string) => boolean): FrameTree {
  const matched = matchNames(tree, matches);
  return rebuildTree(tree, (node) => (matched[tree.nameIds[node]!] === 1 ? 'drop' : 'keep'));
}
