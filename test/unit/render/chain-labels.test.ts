import { expect, test } from 'vitest';
import { chainLabels } from '../../../src/core/render/chain-labels.ts';
import { findPath } from '../../../src/core/stack/frame-tree.ts';
import { treeOf } from '../stack/stacks.ts';

/** Labels the chain between two frames of a tree, which are told by their stacks. */
function labelsOf(stacks: Readonly<Record<string, number>>, first: string, last: string): readonly string[] {
  const tree = treeOf(stacks);
  return chainLabels(tree, findPath(tree, first.split(';')), findPath(tree, last.split(';')));
}

test('a chain goes by its last frame, of a blocked thread by that before the scheduler', () => {
  expect(labelsOf({ 'a;b;c': 1 }, 'a', 'a;b;c')).toEqual(['a… > c', 'c']);
  expect(labelsOf({ 'a;b': 1 }, 'a;b', 'a;b')).toEqual(['b']);
  expect(labelsOf({ 'a;b;schedule;__schedule': 1 }, 'a', 'a;b;schedule;__schedule')).toEqual(['a… > b', 'b']);
  expect(labelsOf({ 'a;schedule;__schedule': 1 }, 'a', 'a;schedule;__schedule')).toEqual(['a']);
  expect(labelsOf({ 'a;schedule;__schedule': 1 }, 'a;schedule', 'a;schedule;__schedule')).toEqual([
    'schedule… > __schedule',
    '__schedule',
  ]);
});

test('one with a waker goes by where the two meet', () => {
  const stack = 'a;b;schedule;--;try_to_wake_up;x;y;z';
  expect(labelsOf({ [stack]: 1 }, 'a', stack)).toEqual(['b … -- … x', 'b']);
  expect(labelsOf({ [stack]: 1 }, 'a', 'a;b;schedule;--')).toEqual(['a… > b', 'b']);
  expect(labelsOf({ [stack]: 1 }, 'a;b;schedule;--;try_to_wake_up', stack)).toEqual(['x']);
  expect(labelsOf({ [stack]: 1 }, 'a;b;schedule;--;try_to_wake_up;x;y', stack)).toEqual(['y']);
});
