import { type ComparedRuns, compareRuns } from '../../../src/core/compare/compare-runs.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';
import { printFolded } from '../../../src/core/stack/print-folded.ts';

/** Builds a tree from folded lines given as an object: `{'a;b': 2}`. */
export function treeOf(stacks: Readonly<Record<string, number>>): FrameTree {
  return buildTree(Object.entries(stacks).map(([stack, weight]) => ({ stack, weight })));
}

/** Prints a tree's stacks back as an object. */
export function stacksOf(tree: FrameTree): Record<string, number> {
  const lines = [...printFolded(tree)].join('').split('\n').slice(0, -1);
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

/** Compares two trees as one run each, as they are or by their totals. */
export function compareTrees(
  before: FrameTree,
  after: FrameTree,
  basis: 'none' | 'total' = 'none',
): ComparedRuns {
  const run = (tree: FrameTree) => ({ tree, size: basis === 'total' ? tree.totals[0]! : 1 });
  return compareRuns([run(before)], [run(after)]);
}
