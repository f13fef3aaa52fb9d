import { type DiffTree, diffTrees } from '../../../core/stack/diff-trees.ts';
import type { FrameTree } from '../../../core/stack/frame-tree.ts';

/** Makes a function that lays trees over each other and gives the same object again for the same trees. */
export function makeComparer(): (before: FrameTree, after: FrameTree, byShare: boolean) => DiffTree {
  let last:
    | {
        readonly before: FrameTree;
        readonly after: FrameTree;
        readonly byShare: boolean;
        readonly diff: DiffTree;
      }
    | undefined;
  return (before, after, byShare) => {
    if (last?.before !== before || last.after !== after || last.byShare !== byShare) {
      const diff = diffTrees(before, after, { normalize: byShare ? 'total' : 'none' });
      last = { before, after, byShare, diff };
    }
    return last.diff;
  };
}
