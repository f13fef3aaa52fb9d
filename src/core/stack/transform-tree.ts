import { collapseRecursion } from './collapse-recursion.ts';
import { excludeFrames } from './exclude-frames.ts';
import { focusFrames } from './focus-frames.ts';
import type { FrameTree } from './frame-tree.ts';
import { hideFrames } from './hide-frames.ts';
import { invertTree } from './invert-tree.ts';
import { keepTop } from './keep-top.ts';
import { minShare } from './min-share.ts';

/** A test of a frame's name. */
export type NameTest = (name: string) => boolean;

/** What is done to a tree before it is drawn; what is absent is not done. */
export interface TreeTransforms {
  /** How many of the first frames of each stack are what it was grouped by; none if absent. */
  readonly groups?: number;
  readonly focus?: readonly NameTest[];
  readonly exclude?: readonly NameTest[];
  readonly hide?: readonly NameTest[];
  readonly collapseRecursion?: boolean;
  readonly invert?: boolean;
  /** From 0 to 1. */
  readonly minShare?: number;
  readonly keepTop?: number;
}

/**
 * Applies transforms in the order in which they are declared above: stacks are chosen first, then changed, then the
 * small frames of what is left are merged.
 */
export function transformTree(tree: FrameTree, transforms: TreeTransforms): FrameTree {
  const groups = transforms.groups ?? 0;
  let shown = tree;
  for (const matches of transforms.focus ?? []) shown = focusFrames(shown, matches);
  for (const matches of transforms.exclude ?? []) shown = excludeFrames(shown, matches);
  for (const matches of transforms.hide ?? []) shown = hideFrames(shown, matches, groups);
  if (transforms.collapseRecursion === true) shown = collapseRecursion(shown, groups);
  if (transforms.invert === true) shown = invertTree(shown, groups);
  if (transforms.minShare !== undefined) shown = minShare(shown, transforms.minShare);
  return transforms.keepTop === undefined ? shown : keepTop(shown, transforms.keepTop);
}
