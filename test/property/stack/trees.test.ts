import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { collapseRecursion } from '../../../src/core/stack/collapse-recursion.ts';
import { diffTrees, nodeDelta } from '../../../src/core/stack/diff-trees.ts';
import { excludeFrames } from '../../../src/core/stack/exclude-frames.ts';
import { focusFrames } from '../../../src/core/stack/focus-frames.ts';
import type { FrameTree, WeightedStack } from '../../../src/core/stack/frame-tree.ts';
import { hideFrames } from '../../../src/core/stack/hide-frames.ts';
import { invertTree } from '../../../src/core/stack/invert-tree.ts';
import { keepTop } from '../../../src/core/stack/keep-top.ts';
import { layoutFlameGraph } from '../../../src/core/stack/layout-flame-graph.ts';
import { mergeTrees } from '../../../src/core/stack/merge-trees.ts';
import { minShare } from '../../../src/core/stack/min-share.ts';
import { printNestedTree, toNestedTree } from '../../../src/core/stack/nested-tree.ts';
import { parseFolded } from '../../../src/core/stack/parse-folded.ts';
import { printFolded } from '../../../src/core/stack/print-folded.ts';
import { stacks } from './arbitrary-stacks.ts';

/** Asserts everything that a FrameTree promises. */
function expectWellFormed(tree: FrameTree): void {
  expect([...tree.names]).toEqual([...new Set(tree.names)].sort());
  expect(tree.depths[0]).toBe(0);
  expect(tree.subtreeEnds[0]).toBe(tree.nameIds.length);
  for (let node = 0; node < tree.nameIds.length; node++) {
    let sum = tree.selfs[node]!;
    let lastName = -1;
    let child = node + 1;
    for (; child < tree.subtreeEnds[node]!; child = tree.subtreeEnds[child]!) {
      expect(tree.depths[child]).toBe(tree.depths[node]! + 1);
      expect(tree.nameIds[child]).toBeGreaterThan(lastName);
      lastName = tree.nameIds[child]!;
      sum += tree.totals[child]!;
    }
    expect(child).toBe(tree.subtreeEnds[node]);
    expect(sum).toBe(tree.totals[node]);
  }
}

const totalOf = (list: readonly WeightedStack[]) => list.reduce((sum, { weight }) => sum + weight, 0);
const isA = (name: string) => name.startsWith('a');

test('a tree is well formed and weighs what its stacks do, in whatever order they come', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      expectWellFormed(tree);
      expect(tree.totals[0]).toBe(totalOf(list));
      expect(buildTree([...list].reverse())).toEqual(tree);
    }),
  );
});

test.each([
  ['invertTree', invertTree],
  ['collapseRecursion', collapseRecursion],
  ['hideFrames', (tree: FrameTree) => hideFrames(tree, isA)],
  ['keepTop', (tree: FrameTree) => keepTop(tree, 5)],
  ['minShare', (tree: FrameTree) => minShare(tree, 0.1)],
  ['mergeTrees', (tree: FrameTree) => mergeTrees([tree])],
  ['invertTree in groups', (tree: FrameTree) => invertTree(tree, 2)],
  ['hideFrames in groups', (tree: FrameTree) => hideFrames(tree, isA, 1)],
  ['collapseRecursion in groups', (tree: FrameTree) => collapseRecursion(tree, 1)],
] as const)('%s keeps the total', (_, transform) => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      const changed = transform(tree);
      expectWellFormed(changed);
      expect(changed.totals[0]).toBe(tree.totals[0]);
    }),
  );
});

test('a tree that is made by sorting is the one that is made by looking nodes up', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      expect(mergeTrees([tree])).toEqual(tree);
    }),
  );
});

test('turning a tree around twice gives it back', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      // A stack without weight that another one ends in cannot be told from no stack, once it is turned around.
      const tree = buildTree(list.filter(({ weight }) => weight > 0));
      expect([...printFolded(invertTree(invertTree(tree)))]).toEqual([...printFolded(tree)]);
    }),
  );
});

test('focus and exclude part the total between them', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      const focused = focusFrames(tree, isA);
      const excluded = excludeFrames(tree, isA);
      expectWellFormed(focused);
      expectWellFormed(excluded);
      expect(focused.totals[0]! + excluded.totals[0]!).toBe(tree.totals[0]);
    }),
  );
});

test('folded text parses back to the tree that it was printed from', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      const text = [...printFolded(tree)].join('');
      expect(buildTree(parseFolded(Buffer.from(text)))).toEqual(tree);
    }),
  );
});

test('the printed JSON is that of the nested objects', () => {
  fc.assert(
    fc.property(stacks, (list) => {
      const tree = buildTree(list);
      expect([...printNestedTree(tree)].join('')).toBe(JSON.stringify(toNestedTree(tree)));
    }),
  );
});

test('a tree does not differ from itself, and a difference adds up', () => {
  fc.assert(
    fc.property(stacks, stacks, (first, second) => {
      const [before, after] = [buildTree(first), buildTree(second)];
      const same = diffTrees(before, before);
      for (let node = 0; node < same.tree.nameIds.length; node++) {
        expect(nodeDelta(same, node)).toEqual({ total: 0, self: 0, kind: 'both' });
      }
      const diff = diffTrees(before, after);
      expectWellFormed(diff.tree);
      expect(diff.beforeTotals[0]).toBe(before.totals[0]);
      expect(diff.afterTotals[0]).toBe(after.totals[0]);
      const own = Array.from(diff.tree.nameIds.keys(), (node) => nodeDelta(diff, node).self);
      expect(own.reduce((sum, delta) => sum + delta, 0)).toBe(nodeDelta(diff, 0).total);
    }),
  );
});

test('a layout stays in its width, and children within their parents', () => {
  fc.assert(
    fc.property(
      stacks,
      fc.integer({ min: 1, max: 2000 }),
      fc.constantFrom('name', 'weight'),
      (list, width, order) => {
        const tree = buildTree(list);
        const layout = layoutFlameGraph(tree, { width, order });
        const places = new Map(Array.from(layout.nodes, (node, place) => [node, place]));
        const drawn = [...places.keys()];
        for (const node of drawn) {
          const place = places.get(node)!;
          expect(layout.xs[place]! + layout.widths[place]!).toBeLessThanOrEqual(width + 1e-6);
        }
        const dropped = tree.nameIds.length - drawn.length;
        expect(layout.droppedFrames).toBe(dropped);
      },
    ),
  );
});
