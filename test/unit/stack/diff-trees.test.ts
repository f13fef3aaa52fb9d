import { expect, test } from 'vitest';
import { diffTrees, nodeDelta } from '../../../src/core/stack/diff-trees.ts';
import { nameOf } from '../../../src/core/stack/frame-tree.ts';
import { treeOf } from './stacks.ts';

const before = treeOf({ parent: 5, 'parent;grows': 20, 'parent;gone;deep': 10 });
const after = treeOf({ parent: 6, 'parent;grows': 60, 'other;grows': 4 });

function deltas(normalize: 'none' | 'total' | number) {
  const diff = diffTrees(before, after, { normalize });
  return Object.fromEntries(
    Array.from(diff.tree.nameIds.keys(), (node) => [
      `${diff.tree.depths[node]} ${nameOf(diff.tree, node)}`,
      nodeDelta(diff, node),
    ]),
  );
}

test('tells the change of a subtree and of the frame alone apart, and what is new or gone', () => {
  expect(deltas('none')).toEqual({
    '0 root': { total: 35, self: 0, kind: 'both' },
    '1 other': { total: 4, self: 0, kind: 'new' },
    '2 grows': { total: 40, self: 40, kind: 'both' },
    '1 parent': { total: 31, self: 1, kind: 'both' },
    '2 gone': { total: -10, self: 0, kind: 'vanished' },
    '3 deep': { total: -10, self: -10, kind: 'vanished' },
  });
});

test('gives what vanished a width: each stack is as wide as its wider side', () => {
  const { tree } = diffTrees(before, after);
  expect(tree.totals[0]).toBe(6 + 60 + 10 + 4);
});

test('normalises by equal totals or by a factor, and says by how much', () => {
  const byTotal = diffTrees(before, after, { normalize: 'total' });
  expect(byTotal.beforeScale).toBe(2);
  expect(nodeDelta(byTotal, 0).total).toBe(0);
  expect(deltas(0.5)['1 parent']).toEqual({ total: 66 - 17.5, self: 6 - 2.5, kind: 'both' });
});

test('an empty side is not divided by', () => {
  const diff = diffTrees(treeOf({}), after, { normalize: 'total' });
  expect(diff.beforeScale).toBe(1);
  expect(nodeDelta(diff, 0)).toEqual({ total: 70, self: 0, kind: 'new' });
});
