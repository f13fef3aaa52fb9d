import { type DiffTree, diffTrees } from '../stack/diff-trees.ts';
import type { FrameTree } from '../stack/frame-tree.ts';
import { mergeTrees } from '../stack/merge-trees.ts';
import { scaleTree } from '../stack/scale-tree.ts';
import { type WelchTest, welchTest } from './welch-test.ts';

/** The stacks of one run, and how much was looked at in it: what makes it comparable with other runs. */
export interface Run {
  readonly tree: FrameTree;
  /** Time, a number of records, a total: in the same unit for all runs; 1 for all to leave them as they are. */
  readonly size: number;
}

/** Two sides of one run or more, made comparable: each run by its size, as if it had that of the mean run after. */
export interface ComparedRuns {
  /** The mean of the runs; the first is yet to be multiplied by `beforeScale`, the weights in `diff` have been. */
  readonly before: FrameTree;
  readonly after: FrameTree;
  readonly beforeScale: number;
  readonly diff: DiffTree;
  readonly beforeRuns: readonly FrameTree[];
  readonly afterRuns: readonly FrameTree[];
  /** Of the totals; undefined where a side has one run only. */
  readonly test: WelchTest | undefined;
}

/** Compares two sides of at least one run each. A run of size 0, in which nothing was looked at, stays as it is. */
export function compareRuns(before: readonly Run[], after: readonly Run[]): ComparedRuns {
  const reference = after.reduce((sum, { size }) => sum + size, 0) / after.length;
  const factorOf = ({ size }: Run) => (size > 0 && reference > 0 ? reference / size : 1);
  const beforeRuns = before.map((run) => scaleTree(run.tree, factorOf(run)));
  const afterRuns = after.map((run) => scaleTree(run.tree, factorOf(run)));
  const [onlyBefore, onlyAfter] = [before, after].map((runs) => (runs.length === 1 ? runs[0]! : undefined));
  // One run of whole weights stays so, which pictures hold in less room: the factor goes with it.
  const isPair = onlyBefore !== undefined && onlyAfter !== undefined;
  const beforeScale = isPair ? factorOf(onlyBefore) : 1;
  const beforeTree = isPair ? onlyBefore.tree : meanOf(beforeRuns);
  const afterTree = isPair ? onlyAfter.tree : meanOf(afterRuns);
  return {
    before: beforeTree,
    after: afterTree,
    beforeScale,
    diff: diffTrees(beforeTree, afterTree, { normalize: beforeScale }),
    beforeRuns,
    afterRuns,
    test: welchTest(beforeRuns.map(totalOf), afterRuns.map(totalOf)),
  };
}

function meanOf(trees: readonly FrameTree[]): FrameTree {
  return trees.length === 1 ? trees[0]! : scaleTree(mergeTrees(trees), 1 / trees.length);
}

function totalOf(tree: FrameTree): number {
  return tree.totals[0]!;
}
