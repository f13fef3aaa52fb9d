import { expect, test } from 'vitest';
import { decodeTree } from '../../../src/core/render/decode-tree.ts';
import { encodeTree } from '../../../src/core/render/encode-tree.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';
import { treeOf } from '../stack/stacks.ts';
import { recordedTree, textOf } from './recording.ts';

const roundTrip = (tree: FrameTree) => decodeTree(JSON.parse(textOf(encodeTree(tree))));

test.each([
  {},
  { '': 7 },
  { a: 1, 'a;b': 2 ** 51 - 1, 'a;c': 2 ** 51, 'd;e;f': 0.125, 'd;g': 1e300 },
  { 'root;root': 1, '</metadata>;]]>;\u0000;\ufffe': 2 },
] as Record<string, number>[])('reads back what it wrote: %j', (stacks) => {
  expect(roundTrip(treeOf(stacks))).toEqual(treeOf(stacks));
});

test('reads back the recording, from under six bytes a frame and its names', () => {
  const tree = recordedTree();
  expect(roundTrip(tree)).toEqual(tree);
  const { names, nodes } = JSON.parse(textOf(encodeTree(tree)));
  expect(names).toHaveLength(tree.names.length);
  expect(nodes.length / tree.nameIds.length).toBeLessThan(6);
});

test('its text holds no markup, and nothing that XML cannot', () => {
  const text = textOf(encodeTree(treeOf({ '<a>&\u0007\u0085\ud800\ufffe\uffff': 1 })));
  expect(text).not.toMatch(/[<>&\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/);
});
