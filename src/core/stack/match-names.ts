import type { FrameTree } from './frame-tree.ts';

/** Tells for each name id of a tree whether the name matches: each name is tested once, however many frames have it. */
export function matchNames(tree: FrameTree, matches: (name: string) => boolean): Uint8Array {
  return Uint8Array.from(tree.names, (name) => (matches(name) ? 1 : 0));
}
