import { describe, expect, test } from 'vitest';
import { judgeGrowth } from '../../../src/core/compare/judge-growth.ts';
import { judgeLimit } from '../../../src/core/compare/judge-limit.ts';
import { meanInterval } from '../../../src/core/compare/mean-interval.ts';

test("a mean's interval is the table's 3.182446 standard errors to either side, for four runs", () => {
  // 5 -+ 3.182446 x 0.258199 / 2
  const { low, high } = meanInterval([4.9, 5.1, 5.3, 4.7])!;
  expect(low).toBeCloseTo(4.589148, 5);
  expect(high).toBeCloseTo(5.410852, 5);
  expect(meanInterval([5])).toBeUndefined();
  expect(meanInterval([5, 5, 5])).toEqual({ low: 5, high: 5 });
});

describe('a limit', () => {
  test('is judged by the one run that there is', () => {
    expect(judgeLimit([5], '<=', 5)).toEqual({ outcome: 'pass', value: 5, runs: 1, interval: undefined });
    expect(judgeLimit([5.1], '<=', 5).outcome).toBe('fail');
    expect(judgeLimit([5], '<', 5).outcome).toBe('fail');
    expect(judgeLimit([5], '>=', 5).outcome).toBe('pass');
    expect(judgeLimit([5], '>', 5).outcome).toBe('fail');
    expect(judgeLimit([0], '=', 0).outcome).toBe('pass');
    expect(judgeLimit([0], '!=', 0).outcome).toBe('fail');
  });

  test('is judged by the mean of several, unless they differ by more than it is missed by', () => {
    expect(judgeLimit([4, 5, 6], '<=', 5).outcome).toBe('pass');
    expect(judgeLimit([5, 5.1, 5.3], '<=', 5).outcome).toBe('unclear');
    expect(judgeLimit([9, 9.1, 9.2], '<=', 5).outcome).toBe('fail');
    expect(judgeLimit([4.9, 5.2, 5.1], '=', 5).outcome).toBe('unclear');
    expect(judgeLimit([7, 7.1, 7.2], '=', 5).outcome).toBe('fail');
  });

  test('has no data where there is no run, and never passes then', () => {
    expect(judgeLimit([], '<=', 5)).toMatchObject({ outcome: 'no-data', runs: 0 });
  });
});

describe('growth', () => {
  const tenth = { kind: 'relative', share: 0.1 } as const;

  test('is judged by single runs as they are', () => {
    expect(judgeGrowth([100], [110], tenth)).toMatchObject({ outcome: 'pass', growth: 10, relative: 0.1 });
    expect(judgeGrowth([100], [111], tenth)).toMatchObject({ outcome: 'fail', interval: undefined });
    expect(judgeGrowth([100], [20], tenth).outcome).toBe('pass');
    expect(judgeGrowth([100], [104], { kind: 'absolute', amount: 5 }).outcome).toBe('pass');
    expect(judgeGrowth([100], [106], { kind: 'absolute', amount: 5 }).outcome).toBe('fail');
  });

  test('is not clear where the runs differ as much among themselves', () => {
    expect(judgeGrowth([100, 101, 99], [130, 131, 129], tenth).outcome).toBe('fail');
    expect(judgeGrowth([100, 60, 140], [130, 90, 170], tenth).outcome).toBe('unclear');
    expect(judgeGrowth([100, 101, 99], [105, 104, 106], tenth)).toMatchObject({
      outcome: 'pass',
      interval: { low: expect.any(Number), high: expect.any(Number) },
    });
  });

  test('from nothing is more than every share, and none at all is none', () => {
    expect(judgeGrowth([0], [0], tenth)).toMatchObject({ outcome: 'pass', relative: 0 });
    expect(judgeGrowth([0], [1], tenth)).toMatchObject({ outcome: 'fail', relative: undefined });
    expect(judgeGrowth([0, 0, 0], [5, 5.1, 4.9], tenth).outcome).toBe('fail');
    expect(judgeGrowth([0, 0, 0], [0, 0, 1], tenth).outcome).toBe('unclear');
    expect(judgeGrowth([0], [1], { kind: 'absolute', amount: 5 }).outcome).toBe('pass');
  });

  test('without a base, or without anything now, has no data', () => {
    expect(judgeGrowth([], [1], tenth)).toMatchObject({ outcome: 'no-data', base: undefined });
    expect(judgeGrowth([1], [], tenth)).toMatchObject({ outcome: 'no-data', now: undefined });
  });
});
