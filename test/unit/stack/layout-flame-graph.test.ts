import { expect, test } from 'vitest';
import { childNamed, nameOf } from '../../../src/core/stack/frame-tree.ts';
import { type LayoutOptions, layoutFlameGraph, placeAt } from '../../../src/core/stack/layout-flame-graph.ts';
import { treeOf } from './stacks.ts';

const tree = treeOf({ 'a;b': 30, 'a;c': 50, a: 10, d: 6, e: 3, 'f;g': 1 });

function draw(options: LayoutOptions) {
  const layout = layoutFlameGraph(tree, options);
  return Array.from({ length: layout.rowStarts.length - 1 }, (_, row) =>
    Array.from(layout.nodes.subarray(layout.rowStarts[row], layout.rowStarts[row + 1]), (node, index) => {
      const place = layout.rowStarts[row]! + index;
      return `${nameOf(tree, node)} ${layout.xs[place]}+${layout.widths[place]}`;
    }),
  );
}

test('places children by name from the left, own weight to the right', () => {
  expect(draw({ width: 100 })).toEqual([
    ['root 0+100'],
    ['a 0+90', 'd 90+6', 'e 96+3', 'f 99+1'],
    ['b 0+30', 'c 30+50', 'g 99+1'],
  ]);
});

test('orders by weight, and leaves out what is too narrow, with its share', () => {
  const options = { width: 200, minWidth: 8, order: 'weight' } as const;
  expect(draw(options)).toEqual([['root 0+200'], ['a 0+180', 'd 180+12'], ['c 0+100', 'b 100+60']]);
  const layout = layoutFlameGraph(tree, options);
  expect(layout.droppedFrames).toBe(3);
  expect(layout.droppedShare).toBe(0.04);
  expect(layout.rests).toEqual([{ node: childNamed(tree, 0, 'e'), row: 1, x: 192, width: 8, siblings: 2 }]);
});

test('a zoomed frame and its callers fill the width; rows stay at their depth', () => {
  const zoom = childNamed(tree, childNamed(tree, 0, 'f'), 'g');
  expect(draw({ width: 10, zoom })).toEqual([['root 0+10'], ['f 0+10'], ['g 0+10']]);
  expect(draw({ width: 10, zoom: childNamed(tree, 0, 'a') })[2]).toHaveLength(2);
});

test('draws by other weights where they are given', () => {
  const weights = new Float64Array(tree.totals.length);
  weights[0] = 4;
  weights[childNamed(tree, 0, 'd')] = 4;
  expect(draw({ width: 8, weights })).toEqual([['root 0+8'], ['d 0+8']]);
});

test('a tree without weight is its root', () => {
  const layout = layoutFlameGraph(treeOf({ 'a;b': 0 }), { width: 100 });
  expect([...layout.nodes]).toEqual([0]);
  expect(layout.droppedShare).toBe(0);
});

test('finds what is drawn at a point', () => {
  const layout = layoutFlameGraph(tree, { width: 100 });
  const at = (row: number, x: number) => {
    const place = placeAt(layout, row, x);
    return place < 0 ? undefined : nameOf(tree, layout.nodes[place]!);
  };
  expect(at(0, 50)).toBe('root');
  expect(at(1, 89.9)).toBe('a');
  expect(at(1, 90)).toBe('d');
  expect(at(2, 85)).toBeUndefined();
  expect(at(3, 0)).toBeUndefined();
  expect(at(-1, 0)).toBeUndefined();
});
