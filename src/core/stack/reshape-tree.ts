import { collapseRecursion } from './collapse-recursion.ts';
import { excludeFrames } from './exclude-frames.ts';
import { focusFrames } from './focus-frames.ts';
import type { FrameTree } from './frame-tree.ts';
import { hideFrames } from './hide-frames.ts';
import { invertTree } from './invert-tree.ts';

const filterBy = { focus: focusFrames, exclude: excludeFrames, hide: hideFrames } as const;

/** Keeps the stacks with frames of that name only, drops them, or leaves those frames out. */
export interface FrameFilter {
  readonly kind: keyof typeof filterBy;
  readonly name: string;
}

/** How a viewer shows a tree. */
export interface TreeShape {
  readonly filters: readonly FrameFilter[];
  /** Whether frames that call themselves are one. */
  readonly merged: boolean;
  readonly inverted: boolean;
}

/** As the tree is. */
export const plainShape: TreeShape = { filters: [], merged: false, inverted: false };

/** Applies the filters in their order, then merges and inverts. */
export function reshapeTree(tree: FrameTree, shape: TreeShape): FrameTree {
  let shown = tree;
  for (const { kind, name } of shape.filters) shown = filterBy[kind](shown, (other) => other === name);
  if (shape.merged) shown = collapseRecursion(shown);
  return shape.inverted ? invertTree(shown) : shown;
}
