import { expect, test } from 'vitest';
import { fromNestedTree } from '../../../src/core/stack/from-nested-tree.ts';
import { printNestedTree } from '../../../src/core/stack/nested-tree.ts';
import { stacksOf, treeOf } from './stacks.ts';

test('reads an answer into the tree that it was printed from', () => {
  const tree = treeOf({ 'a;c': 2, 'a;b': 1, a: 4, 'd;a': 3 });
  expect(fromNestedTree(JSON.parse([...printNestedTree(tree)].join('')))).toEqual(tree);
});

test('puts children in order', () => {
  const children = [
    { name: 'b', value: 1 },
    { name: 'a', value: 2 },
    { name: 'B', value: 4 },
  ];
  expect(fromNestedTree({ name: 'root', value: 8, children })).toEqual(treeOf({ '': 1, a: 2, b: 1, B: 4 }));
});

test('an empty answer is a root without weight', () => {
  expect(fromNestedTree({ name: 'root', value: 0, children: [] })).toEqual(treeOf({}));
});

test('a total that was rounded leaves no weight of its own behind', () => {
  const children = [
    { name: 'a', value: 2 ** 60 },
    { name: 'b', value: 1 },
  ];
  const tree = fromNestedTree({ name: 'root', value: 2 ** 60 + 256, children });
  expect(stacksOf(tree)).toEqual({ a: 2 ** 60, b: 1 });
});

test('a stack of 20,000 frames is no deeper than it can read', () => {
  const tree = treeOf({ [Array.from({ length: 20_000 }, () => 'f').join(';')]: 1 });
  expect(fromNestedTree(JSON.parse([...printNestedTree(tree)].join('')))).toEqual(tree);
});

test.each([
  null,
  [],
  'root',
  { name: 'root' },
  { name: 1, value: 1 },
  { name: 'root', value: 1, children: {} },
  { name: 'root', value: 1, children: [null, null] },
])('refuses what is no nested tree: %j', (json) => {
  expect(() => fromNestedTree(json)).toThrow('nested objects of name, value and children');
});
