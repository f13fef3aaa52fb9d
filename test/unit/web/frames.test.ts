import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { type FrameTree, nameOf } from '../../../src/core/stack/frame-tree.ts';
import { layoutFlameGraph } from '../../../src/core/stack/layout-flame-graph.ts';
import { findStack, printStack } from '../../../src/web/app/flame/find-stack.ts';
import { makeTurner } from '../../../src/web/app/flame/make-turner.ts';
import { type Step, stepFrom } from '../../../src/web/app/flame/step-from.ts';
import { stacks } from '../../property/stack/arbitrary-stacks.ts';
import { stacksOf, treeOf } from '../stack/stacks.ts';

test('every frame is found again by its folded stack', () => {
  fc.assert(
    fc.property(stacks, (weighted) => {
      const tree = buildTree(weighted);
      tree.nameIds.forEach((_, node) => {
        expect(findStack(tree, printStack(tree, node))).toBe(node);
      });
    }),
  );
});

test('a stack that is not there is not found, not even in part', () => {
  const tree = treeOf({ 'a;b': 1 });
  expect(findStack(tree, 'a;c')).toBe(-1);
  expect(findStack(tree, 'a;b;c')).toBe(-1);
  expect(findStack(tree, '')).toBe(0);
});

const tree = treeOf({ 'a;x': 50, 'a;y': 20, 'b;z': 30, 'b;tiny': 0.1 });

function walk(from: string, ...steps: readonly Step[]): string {
  const layout = layoutFlameGraph(tree, { width: 100 });
  const end = steps.reduce((node, step) => stepFrom(tree, layout, node, step), findStack(tree, from));
  return printStack(tree, end);
}

test.each<[string, Step, string]>([
  ['', 'callee', 'a'],
  ['a', 'callee', 'a;x'],
  ['b', 'callee', 'b;z'],
  ['a;x', 'callee', 'a;x'],
  ['a;x', 'caller', 'a'],
  ['', 'caller', ''],
  ['a;y', 'after', 'b;z'],
  ['b;z', 'before', 'a;y'],
  ['a', 'before', 'a'],
  ['b;z', 'after', 'b;z'],
])('from %j a step to the %s leads to %j', (from, step, to) => {
  expect(walk(from, step)).toBe(to);
});

test('callees and callers are told apart on ways of many steps', () => {
  expect(walk('', 'callee', 'after', 'callee', 'before', 'caller')).toBe('a');
});

test('turns trees around, merges recursion, and gives the same tree for the same wish', () => {
  const turn = makeTurner();
  const recursive = treeOf({ 'a;b;b;c': 2 });
  const wish = { inverted: true, merged: true };
  const turned: FrameTree = turn(recursive, wish);
  expect(stacksOf(turned)).toEqual({ 'c;b;a': 2 });
  expect(turn(recursive, { ...wish })).toBe(turned);
  expect(turn(recursive, { inverted: false, merged: false })).toBe(recursive);
  expect(nameOf(turn(treeOf({ d: 1 }), wish), 1)).toBe('d');
});
