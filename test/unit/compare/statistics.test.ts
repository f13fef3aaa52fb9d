import { expect, test } from 'vitest';
import { adjustProbabilities } from '../../../src/core/compare/adjust-probabilities.ts';
import { summarizeRuns } from '../../../src/core/compare/summarize-runs.ts';
import { welchTest } from '../../../src/core/compare/welch-test.ts';

test("Welch's test gives what R's t.test gives for the sleep data of Student's own paper", () => {
  const group1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
  const group2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
  const tested = welchTest(group1, group2)!;
  expect(tested.difference).toBeCloseTo(1.58, 10);
  expect(tested.p).toBeCloseTo(0.07939, 5);
  expect(tested.low).toBeCloseTo(-0.2054832, 6);
  expect(tested.high).toBeCloseTo(3.3654832, 6);
  const turned = welchTest(group2, group1)!;
  expect(turned.p).toBeCloseTo(tested.p, 12);
  expect(turned.high).toBeCloseTo(-tested.low, 10);
});

test('less confidence takes a narrower interval', () => {
  const [before, after] = [
    [10, 11, 12],
    [13, 15, 14],
  ];
  const [wide, narrow] = [welchTest(before, after, 0.99)!, welchTest(before, after, 0.8)!];
  expect(wide.low).toBeLessThan(narrow.low);
  expect(wide.high).toBeGreaterThan(narrow.high);
  expect(wide.p).toBe(narrow.p);
});

test('one run says nothing of how runs differ', () => {
  expect(welchTest([1], [2, 3])).toBeUndefined();
  expect(welchTest([1, 2], [3])).toBeUndefined();
});

test('runs that are all the same leave no doubt', () => {
  expect(welchTest([5, 5], [5, 5])).toEqual({ difference: 0, p: 1, low: 0, high: 0 });
  expect(welchTest([5, 5], [7, 7])).toEqual({ difference: 2, p: 0, low: 2, high: 2 });
  expect(welchTest([0, 0], [0, 0])).toEqual({ difference: 0, p: 1, low: 0, high: 0 });
});

test('runs are summed up by mean and variance of the sample', () => {
  expect(summarizeRuns([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ runs: 8, mean: 5, variance: 32 / 7 });
  expect(summarizeRuns([3])).toEqual({ runs: 1, mean: 3, variance: 0 });
});

test("p-values are adjusted as R's p.adjust does by BH", () => {
  // p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "BH") and p.adjust(c(0.9, 0.001, 0.04, 0.02), "BH")
  for (const value of adjustProbabilities([0.01, 0.02, 0.03, 0.04, 0.05]))
    expect(value).toBeCloseTo(0.05, 12);
  const adjusted = adjustProbabilities([0.9, 0.001, 0.04, 0.02]);
  expect(adjusted.map((value) => Number(value.toFixed(6)))).toEqual([0.9, 0.004, 0.053333, 0.04]);
  expect(adjustProbabilities([])).toEqual([]);
});
