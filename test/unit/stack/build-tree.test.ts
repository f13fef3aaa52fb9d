import { expect, test } from 'vitest';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { childNamed, findPath, namesTo, parentOf, pathTo } from '../../../src/core/stack/frame-tree.ts';
import { stacksOf, treeOf } from './stacks.ts';

test('merges stacks in preorder, children by name, and sums equal ones', () => {
  const tree = buildTree([
    { stack: 'main;write', weight: 2 },
    { stack: 'main;read;schedule', weight: 3 },
    { stack: 'main;write', weight: 5 },
    { stack: 'main', weight: 1 },
  ]);
  expect(tree.names).toEqual(['main', 'read', 'root', 'schedule', 'write']);
  expect(Array.from(tree.nameIds, (id) => tree.names[id])).toEqual([
    'root',
    'main',
    'read',
    'schedule',
    'write',
  ]);
  expect([...tree.totals]).toEqual([11, 11, 3, 3, 7]);
  expect([...tree.selfs]).toEqual([0, 1, 0, 3, 7]);
  expect([...tree.depths]).toEqual([0, 1, 2, 3, 2]);
  expect([...tree.subtreeEnds]).toEqual([5, 5, 4, 4, 5]);
});

test('a tree without stacks is a root alone', () => {
  const tree = buildTree([]);
  expect(tree.names).toEqual(['root']);
  expect([...tree.totals]).toEqual([0]);
  expect([...tree.subtreeEnds]).toEqual([1]);
});

test('an empty stack weighs on the root, empty frames are left out', () => {
  const tree = treeOf({ '': 4, ';;': 1, ';a;;b;': 2, 'a;b': 3 });
  expect(stacksOf(tree)).toEqual({ '': 5, 'a;b': 5 });
  expect(tree.totals[0]).toBe(10);
});

test('a stack of weight zero keeps its frames', () => {
  expect(stacksOf(treeOf({ 'a;b': 0 }))).toEqual({ 'a;b': 0 });
});

test('frames that start alike are not mixed up', () => {
  const stacks = { ab: 1, 'a;b': 2, a: 3, 'ab;c': 4, abc: 5, 'a;bc': 6, 'a;b;c': 7 };
  expect(stacksOf(treeOf(stacks))).toEqual(stacks);
});

test('a frame named root is not the root', () => {
  const tree = treeOf({ 'root;root': 2 });
  expect([...tree.depths]).toEqual([0, 1, 2]);
  expect([...tree.nameIds]).toEqual([0, 0, 0]);
});

test('takes stacks of any depth', () => {
  const deep = Array.from({ length: 200_000 }, (_, index) => `f${index % 7}`).join(';');
  const tree = treeOf({ [deep]: 1, [`${deep};leaf`]: 2 });
  expect(tree.nameIds.length).toBe(200_002);
  expect(tree.depths.at(-1)).toBe(200_001);
  expect(tree.totals[200_000]).toBe(3);
});

test('sums are exact to 2^53 and correctly rounded above', () => {
  const big = 2 ** 53;
  // Adding 1 three times to 2^53 in plain doubles stays at 2^53.
  const stacks = [
    { stack: 'a', weight: big },
    ...Array.from({ length: 6 }, () => ({ stack: 'a', weight: 1 })),
    { stack: 'b', weight: big },
    ...Array.from({ length: 6 }, () => ({ stack: 'b;c', weight: 1 })),
  ];
  const tree = buildTree(stacks);
  expect(tree.totals[childNamed(tree, 0, 'a')]).toBe(big + 6);
  expect(tree.totals[childNamed(tree, 0, 'b')]).toBe(big + 6);
  expect(tree.totals[0]).toBe(2 * big + 12);
});

test('names in other scripts, and ones with control characters, stay as they are', () => {
  const tree = treeOf({ 'läuft;走る;\u0000\n': 1 });
  expect(namesTo(tree, 3)).toEqual(['läuft', '走る', '\u0000\n']);
});

test('finds paths, parents and children', () => {
  const tree = treeOf({ 'a;b': 1, 'a;c;d': 1, e: 1 });
  const c = childNamed(tree, childNamed(tree, 0, 'a'), 'c');
  expect(namesTo(tree, c + 1)).toEqual(['a', 'c', 'd']);
  expect(pathTo(tree, c + 1)).toEqual([c - 2, c, c + 1]);
  expect(findPath(tree, ['a', 'c', 'none', 'd'])).toBe(c);
  expect(parentOf(tree, c + 1)).toBe(c);
  expect(parentOf(tree, 0)).toBe(-1);
  expect(childNamed(tree, 0, 'b')).toBe(-1);
});
