import { decodeTree } from '../../core/render/decode-tree.ts';
import { describeDelta, describeFrame } from '../../core/render/describe-frame.ts';
import { diffLook, plainLook } from '../../core/render/frame-look.ts';
import type { PictureFacts } from '../../core/render/picture-facts.ts';
import type { FrameLook } from '../../core/render/svg-frames.ts';
import type { TreeData } from '../../core/render/tree-data.ts';
import { type DiffTree, diffTrees } from '../../core/stack/diff-trees.ts';
import type { FrameTree } from '../../core/stack/frame-tree.ts';
import { reshapeTree } from '../../core/stack/reshape-tree.ts';
import type { WeightUnit } from '../../core/stack/weight-unit.ts';
import type { ViewState } from './view-state.ts';

/** The data in a picture: one tree, or those before and after. */
export interface PictureData {
  readonly facts: PictureFacts;
  readonly trees: readonly FrameTree[];
}

/** A graph as it is shown: filtered and turned as the user wants. */
export interface ShownGraph {
  readonly tree: FrameTree;
  readonly unit: WeightUnit;
  readonly look: FrameLook;
  /** The weights that give the frames their widths. */
  readonly weights: Float64Array;
  readonly diff: DiffTree | undefined;
  readonly describe: (node: number, zoom: number) => string;
}

/** Reads the data out of a picture's text. */
export function readPicture(text: string): PictureData {
  const { facts, trees } = JSON.parse(text) as { facts: PictureFacts; trees: TreeData[] };
  return { facts, trees: trees.map(decodeTree) };
}

/** Applies the filters and turns of a view to the data. */
export function showGraph({ facts, trees }: PictureData, state: ViewState): ShownGraph {
  const { unit } = facts;
  const [first, second] = trees.map((tree) => reshapeTree(tree, state));
  if (second === undefined) {
    const tree = first!;
    return {
      tree,
      unit,
      look: plainLook(tree, unit),
      weights: tree.totals,
      diff: undefined,
      describe: (node, zoom) => describeFrame(tree, node, zoom, unit),
    };
  }
  const diff = diffTrees(first!, second, { normalize: facts.beforeScale ?? 1 });
  const sides = { both: diff.tree.totals, before: diff.beforeTotals, after: diff.afterTotals };
  return {
    tree: diff.tree,
    unit,
    look: diffLook(diff),
    weights: sides[state.widths],
    diff,
    describe: (node) => describeDelta(diff, node, unit),
  };
}
