import { expect, test } from 'vitest';
import { compareRuns } from '../../../src/core/compare/compare-runs.ts';
import { describeNormalization } from '../../../src/core/compare/describe-normalization.ts';
import { type ChangeKind, listChanges } from '../../../src/core/compare/list-changes.ts';
import { parseNormalization } from '../../../src/core/compare/parse-normalization.ts';
import { nameOf, namesTo } from '../../../src/core/stack/frame-tree.ts';
import { problemOf } from '../../support/problem.ts';
import { compareTrees, stacksOf, treeOf } from '../stack/stacks.ts';

const before = treeOf({ 'a;grows': 20, 'a;same': 40, 'a;gone;deep': 30 });
const after = treeOf({ 'a;grows': 60, 'a;same': 40, 'a;new': 10 });

function changesOf(compared: ReturnType<typeof compareRuns>, per: ChangeKind) {
  const { tree } = compared.diff;
  return Object.fromEntries(
    listChanges(compared, per).map(({ node, ...change }) => [
      per === 'stack' ? namesTo(tree, node).join(';') : nameOf(tree, node),
      change,
    ]),
  );
}

test('changes of stacks are listed by their size, new and vanished ones among them', () => {
  const changes = changesOf(compareTrees(before, after), 'stack');
  expect(Object.keys(changes)).toEqual(['a;grows', 'a;gone;deep', 'a;new', 'a;same']);
  expect(changes['a;grows']).toEqual({ before: 20, after: 60, delta: 40, relative: 2, kind: 'both' });
  expect(changes['a;gone;deep']).toEqual({
    before: 30,
    after: 0,
    delta: -30,
    relative: -1,
    kind: 'vanished',
  });
  expect(changes['a;new']).toMatchObject({ delta: 10, relative: undefined, kind: 'new' });
  expect(changes['a;same']).toMatchObject({ delta: 0, relative: 0 });
});

test('changes of functions count all that is in them, once where they call themselves', () => {
  const recursive = compareTrees(treeOf({ 'f;g;f': 10, 'h;f': 5 }), treeOf({ 'f;g;f': 30, 'h;f': 5 }));
  expect(changesOf(recursive, 'frame')).toMatchObject({
    f: { before: 15, after: 35, delta: 20 },
    g: { before: 10, after: 30 },
    h: { before: 5, after: 5, delta: 0 },
  });
});

test('a side of several runs is their mean, and each change has a p-value', () => {
  const run = (grows: number) => ({ tree: treeOf({ 'a;grows': grows, 'a;same': 40 }), size: 1 });
  const compared = compareRuns([run(20), run(22), run(18)], [run(40), run(42), run(38)]);
  expect(stacksOf(compared.before)).toEqual({ 'a;grows': 20, 'a;same': 40 });
  expect(stacksOf(compared.after)).toEqual({ 'a;grows': 40, 'a;same': 40 });
  expect(compared.test).toMatchObject({ difference: 20 });
  const changes = changesOf(compared, 'stack');
  expect(changes['a;grows']!.p).toBeLessThan(0.001);
  expect(changes['a;grows']!.adjustedP).toBeGreaterThanOrEqual(changes['a;grows']!.p!);
  expect(changes['a;same']).toMatchObject({ p: 1, adjustedP: 1 });
  expect(compareRuns([run(20)], [run(40), run(41)]).test).toBeUndefined();
});

test('runs are made comparable by their sizes, as if each had that of the mean run after', () => {
  const pair = compareRuns([{ tree: before, size: 60 }], [{ tree: after, size: 180 }]);
  expect(pair.beforeScale).toBe(3);
  expect(pair.before).toBe(before);
  expect(pair.diff.beforeTotals[0]).toBe(270);
  expect(changesOf(pair, 'stack')['a;grows']).toMatchObject({ before: 60, after: 60, delta: 0 });
  const several = compareRuns(
    [
      { tree: before, size: 10 },
      { tree: before, size: 20 },
    ],
    [
      { tree: after, size: 20 },
      { tree: after, size: 40 },
    ],
  );
  // The mean run after has size 30: 90 x 3 and 90 x 1.5 before, 110 x 1.5 and 110 x 0.75 after.
  expect(several.diff.beforeTotals[0]).toBeCloseTo(202.5, 9);
  expect(several.diff.afterTotals[0]).toBeCloseTo(123.75, 9);
  expect(compareRuns([{ tree: before, size: 0 }], [{ tree: after, size: 5 }]).beforeScale).toBe(1);
});

test('what runs are normalised by is read, and said', () => {
  expect(parseNormalization('time')).toEqual({ basis: 'time' });
  expect(parseNormalization('10m:1h')).toEqual({ basis: 'amounts', amounts: [600e9, 3600e9] });
  expect(parseNormalization('120:150')).toEqual({ basis: 'amounts', amounts: [120, 150] });
  for (const wrong of ['tme', '10m', '0:5', '5:-1', ':', '1:2:3', 'x:y'])
    expect(['usage', 'bad_value']).toContain(problemOf(() => parseNormalization(wrong)).code);
  expect(problemOf(() => parseNormalization('tme')).suggestions[0]).toBe("did you mean 'time'?");
  const pair = compareRuns([{ tree: before, size: 60 }], [{ tree: after, size: 90 }]);
  expect(describeNormalization('time', pair)).toBe('normalised by time: before × 1.5');
  expect(describeNormalization('none', pair)).toBe('not normalised');
  const runs = { ...pair, afterRuns: [after, after] };
  expect(describeNormalization('amounts', runs)).toBe('normalised by given amounts, run by run');
});
