import { collapseRecursion } from '../../../core/stack/collapse-recursion.ts';
import type { FrameTree } from '../../../core/stack/frame-tree.ts';
import { invertTree } from '../../../core/stack/invert-tree.ts';

export interface Turns {
  /** Stacks from their leaves: what was waited in comes first. */
  readonly inverted: boolean;
  /** Frames that call themselves drawn once. */
  readonly merged: boolean;
}

/** Makes a function that turns trees as wanted and gives the same object again for the same wish. */
export function makeTurner(): (tree: FrameTree, turns: Turns) => FrameTree {
  let last: { readonly tree: FrameTree; readonly key: string; readonly turned: FrameTree } | undefined;
  return (tree, { inverted, merged }) => {
    const key = `${inverted} ${merged}`;
    if (last === undefined || last.tree !== tree || last.key !== key) {
      const single = merged ? collapseRecursion(tree) : tree;
      last = { tree, key, turned: inverted ? invertTree(single) : single };
    }
    return last.turned;
  };
}
