import { expect, test } from 'vitest';
import { collapseRecursion } from '../../../src/core/stack/collapse-recursion.ts';
import { excludeFrames } from '../../../src/core/stack/exclude-frames.ts';
import { focusFrames } from '../../../src/core/stack/focus-frames.ts';
import { hideFrames } from '../../../src/core/stack/hide-frames.ts';
import { invertTree } from '../../../src/core/stack/invert-tree.ts';
import { keepTop } from '../../../src/core/stack/keep-top.ts';
import { mergeTrees } from '../../../src/core/stack/merge-trees.ts';
import { minShare } from '../../../src/core/stack/min-share.ts';
import { prefixStack } from '../../../src/core/stack/prefix-stack.ts';
import { transformTree } from '../../../src/core/stack/transform-tree.ts';
import { stacksOf, treeOf } from './stacks.ts';

const tree = treeOf({ '': 1, a: 2, 'a;b;c': 10, 'a;b;d': 20, 'x;b;c': 40, 'x;y': 7 });
const is = (wanted: string) => (name: string) => name === wanted;

test('invertTree starts from the leaves', () => {
  expect(stacksOf(invertTree(tree))).toEqual({
    '': 1,
    a: 2,
    'c;b;a': 10,
    'd;b;a': 20,
    'c;b;x': 40,
    'y;x': 7,
  });
});

test('collapseRecursion merges frames that call themselves', () => {
  const recursive = treeOf({ 'a;a;a;b': 1, 'a;b;b': 2, a: 3, 'b;a;b;a': 4 });
  expect(stacksOf(collapseRecursion(recursive))).toEqual({ a: 3, 'a;b': 3, 'b;a;b;a': 4 });
});

test('focusFrames keeps whole stacks with a match', () => {
  expect(stacksOf(focusFrames(tree, is('b')))).toEqual({ 'a;b;c': 10, 'a;b;d': 20, 'x;b;c': 40 });
  expect(stacksOf(focusFrames(tree, is('c')))).toEqual({ 'a;b;c': 10, 'x;b;c': 40 });
  expect(focusFrames(tree, is('b')).totals[0]).toBe(70);
  expect(stacksOf(focusFrames(tree, is('none')))).toEqual({});
});

test('excludeFrames drops whole stacks with a match', () => {
  expect(stacksOf(excludeFrames(tree, is('b')))).toEqual({ '': 1, a: 2, 'x;y': 7 });
});

test('hideFrames joins what is below to what is above', () => {
  expect(stacksOf(hideFrames(tree, is('b')))).toEqual({
    '': 1,
    a: 2,
    'a;c': 10,
    'a;d': 20,
    'x;c': 40,
    'x;y': 7,
  });
  expect(stacksOf(hideFrames(tree, is('c')))).toMatchObject({ 'a;b': 10, 'x;b': 40 });
});

test('keepTop and minShare fold the rest into one frame under its caller', () => {
  expect(stacksOf(keepTop(tree, 4))).toEqual({
    '': 1,
    a: 2,
    'a;[smaller frames]': 30,
    'x;[smaller frames]': 7,
    'x;b;c': 40,
  });
  expect(stacksOf(minShare(tree, 0.15))).toEqual({
    '': 1,
    a: 2,
    'a;b;[smaller frames]': 10,
    'a;b;d': 20,
    'x;[smaller frames]': 7,
    'x;b;c': 40,
  });
  expect(keepTop(tree, 100)).toBe(tree);
});

test('folding again adds to the frame of the first fold', () => {
  const folded = minShare(minShare(treeOf({ 'a;b': 1, 'a;c': 2, 'a;d': 97 }), 0.015), 0.03);
  expect(stacksOf(folded)).toEqual({ 'a;[smaller frames]': 3, 'a;d': 97 });
});

test('mergeTrees sums equal stacks', () => {
  expect(stacksOf(mergeTrees([treeOf({ 'a;b': 1, c: 2 }), treeOf({ c: 3, 'a;d': 4 })]))).toEqual({
    'a;b': 1,
    'a;d': 4,
    c: 5,
  });
});

test('prefixStack groups by columns', () => {
  expect(prefixStack('a;b', ['dd', 'host;1', ''])).toBe('dd;host:1;[none];a;b');
  expect(prefixStack('', ['dd'])).toBe('dd');
});

test('what stacks are grouped by stays in front, whatever is done to them', () => {
  const grouped = treeOf({ 'dd;dd;a;a;b': 1, 'dd;b': 2, b: 4 });
  expect(stacksOf(invertTree(grouped, 1))).toEqual({ 'dd;b;a;a;dd': 1, 'dd;b': 2, b: 4 });
  expect(stacksOf(hideFrames(grouped, is('dd'), 1))).toEqual({ 'dd;a;a;b': 1, 'dd;b': 2, b: 4 });
  expect(stacksOf(collapseRecursion(grouped, 1))).toEqual({ 'dd;dd;a;b': 1, 'dd;b': 2, b: 4 });
});

test('transformTree chooses stacks, changes them, and merges what is small, in that order', () => {
  const stacks = treeOf({ 'dd;a;a;x;b': 60, 'dd;a;c': 39, 'dd;a;d': 1, 'sh;a;b': 50, 'sh;z': 7 });
  const transforms = { focus: [is('a')], exclude: [is('sh')], hide: [is('x')], collapseRecursion: true };
  expect(stacksOf(transformTree(stacks, transforms))).toEqual({ 'dd;a;b': 60, 'dd;a;c': 39, 'dd;a;d': 1 });
  expect(stacksOf(transformTree(stacks, { ...transforms, groups: 1, invert: true, minShare: 0.02 }))).toEqual(
    {
      'dd;b;a': 60,
      'dd;c;a': 39,
      'dd;[smaller frames]': 1,
    },
  );
  expect(stacksOf(transformTree(stacks, { ...transforms, keepTop: 2 }))).toEqual({
    'dd;a;[smaller frames]': 100,
  });
  // Each of several expressions must match, and none of several may.
  expect(stacksOf(transformTree(stacks, { focus: [is('a'), is('x')] }))).toEqual({ 'dd;a;a;x;b': 60 });
  expect(transformTree(stacks, {})).toBe(stacks);
});
