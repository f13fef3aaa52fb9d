import { expect, test } from 'vitest';
import { printNestedTree, toNestedTree } from '../../../src/core/stack/nested-tree.ts';
import { treeOf } from './stacks.ts';

test('is the shape of d3-flame-graph: children by name, none on a leaf', () => {
  expect(toNestedTree(treeOf({ 'a;c': 2, 'a;b': 1, a: 4 }))).toEqual({
    name: 'root',
    value: 7,
    children: [
      {
        name: 'a',
        value: 7,
        children: [
          { name: 'b', value: 1 },
          { name: 'c', value: 2 },
        ],
      },
    ],
  });
});

test('a root without stacks has an empty list of children', () => {
  expect(toNestedTree(treeOf({}))).toEqual({ name: 'root', value: 0, children: [] });
  expect([...printNestedTree(treeOf({}))].join('')).toBe('{"name":"root","value":0,"children":[]}');
});

test.each([
  {},
  { '': 3 },
  { a: 1, b: 2.5, 'b;"quoted"\\': 3 },
  { 'a;b;c': 1, 'a;d': 2, 'e;f': 2 ** 60 },
] as Record<string, number>[])('the printer prints what JSON.stringify does: %j', (stacks) => {
  const tree = treeOf(stacks);
  expect([...printNestedTree(tree)].join('')).toBe(JSON.stringify(toNestedTree(tree)));
});

test('prints a stack of 20,000 frames, on which JSON.stringify overflows', () => {
  const tree = treeOf({ [Array.from({ length: 20_000 }, () => 'f').join(';')]: 1 });
  expect(() => JSON.stringify(toNestedTree(tree))).toThrow(RangeError);
  const text = [...printNestedTree(tree)].join('');
  expect(text.startsWith('{"name":"root","value":1,"children":[{"name":"f"')).toBe(true);
  expect(text.endsWith(`{"name":"f","value":1}${']}'.repeat(20_000)}`)).toBe(true);
});
