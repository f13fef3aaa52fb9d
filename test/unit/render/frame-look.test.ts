import { expect, test } from 'vitest';
import { renderDiffSvg } from '../../../src/core/render/diff/diff-svg.ts';
import { diffLook, plainLook, stepOf } from '../../../src/core/render/frame-look.ts';
import { DIFF_STEPS } from '../../../src/core/render/palette.ts';
import type { FrameTree } from '../../../src/core/stack/frame-tree.ts';
import { compareTrees, treeOf } from '../stack/stacks.ts';
import { textOf } from './recording.ts';

test('a change is drawn in steps of the total, and as strong as it gets from the last on', () => {
  const steps = [0.0009, 0.001, 0.01, 0.03, 0.1, 1, 50].map((change) => stepOf(change * 200, 200));
  expect(steps).toEqual([0, 1, 2, 3, 4, 4, 4]);
  expect(DIFF_STEPS).toBe(4);
  expect([-0.0009, -0.03, -9].map((change) => stepOf(change * 200, 200))).toEqual([-0, -3, -4]);
  expect(stepOf(5, 0)).toBe(0);
});

test('a caller has the colour and the sign of all that changed in it', () => {
  const { diff } = compareTrees(
    treeOf({ 'a;grows': 20, 'a;same': 80, b: 100 }),
    treeOf({ 'a;grows': 60, 'a;same': 80, b: 60 }),
  );
  const look = diffLook(diff);
  const [a, grows, same, b] = [1, 2, 3, 4];
  expect(look.classOf(a!)).toBe(look.classOf(grows!));
  expect(look.classOf(a!)).not.toBe(look.classOf(same!));
  expect([a, grows, same, b].map((node) => look.labelOf(node!, 100))).toEqual([
    '+20% a',
    '+20% grows',
    'same',
    '-20% b',
  ]);
});

test('the legend of a difference has every step with its sign, and says that the last goes on', () => {
  const compared = compareTrees(treeOf({ a: 1 }), treeOf({ a: 2 }));
  const legend = /<svg class="legend".*<\/svg>/.exec(textOf(renderDiffSvg(compared, { unit: 'count' })))![0];
  const labels = [...legend.matchAll(/>([^<>]+)<\/text>/g)].map(([, label]) => label);
  expect(labels).toEqual([
    ...['-10%', '-3%', '-1%', '-0.1%', '=', '+0.1%', '+1%', '+3%', '+10%'],
    'and more, of the larger total',
  ]);
});

test('a name looks the same in every graph', () => {
  const classOf = (tree: FrameTree) => {
    const look = plainLook(tree, 'count');
    const node = Array.from(tree.nameIds).findIndex((id) => tree.names[id] === 'schedule');
    return look.classOf(node);
  };
  const one = treeOf({ 'a;schedule': 1 });
  const other = treeOf({ 'zz;b;schedule;c': 5, 'aa;bb': 3, schedulex: 1 });
  expect(classOf(one)).toBe(classOf(other));
});
