import { describe, expect, test } from 'vitest';
import {
  elapsedUnits,
  formatBytes,
  formatCount,
  formatDurationNs,
  nsPerUnit,
  parseDurationNs,
  parseSizeBytes,
} from '../../../src/core/base/units.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

test('one of each elapsed unit in nanoseconds', () => {
  expect(elapsedUnits.map(nsPerUnit)).toEqual([1, 1e3, 1e6, 1e9]);
});

describe('parseDurationNs', () => {
  test.each([
    ['0ns', 0],
    ['812ns', 812],
    ['5us', 5e3],
    ['5µs', 5e3],
    ['5ms', 5e6],
    ['1.5s', 1.5e9],
    ['.5s', 0.5e9],
    ['2m', 120e9],
    ['2min', 120e9],
    ['2h', 7200e9],
    ['7d', 604_800e9],
    ['1w', 604_800e9],
    [' 5 ms ', 5e6],
    ['-2h', -7200e9],
    ['+2h', 7200e9],
  ])('%s', (text, ns) => {
    expect(parseDurationNs(text)).toBe(ns);
  });

  test('decimals that doubles cannot hold are still whole nanoseconds', () => {
    for (let tenths = 1; tenths < 1000; tenths++)
      expect(parseDurationNs(`${(tenths / 10).toFixed(1)}s`)).toBe(tenths * 1e8);
  });

  test('a bare number is in the unit that is said, and nothing without one', () => {
    expect(parseDurationNs('5000', 'us')).toBe(5e6);
    expect(parseDurationNs('5ms', 'us')).toBe(5e6);
    expectProblem(
      problemOf(() => parseDurationNs('5000')),
      'bad_value',
      "'5000'",
    );
  });

  test.each(['', 'ms', '5 parsecs', '5MS', '1e3s', '5..2s', '5ms2', '--5ms', 'NaNs', '5M', '5constructor'])(
    '%j is refused',
    (text) => {
      const problem = problemOf(() => parseDurationNs(text, 'us'));
      expectProblem(problem, 'bad_value', `'${text}'`);
      expect(problem.suggestions[0]).toContain('5ms');
    },
  );
});

describe('parseSizeBytes', () => {
  test.each([
    ['0', 0],
    ['412', 412],
    ['412B', 412],
    ['10kB', 10_000],
    ['10KB', 10_000],
    ['1.5MB', 1_500_000],
    ['2GB', 2e9],
    ['1TB', 1e12],
    ['1KiB', 1024],
    ['1MiB', 1_048_576],
    ['1GiB', 1_073_741_824],
    ['0.1KiB', 102],
  ])('%s', (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });

  test.each(['', '-1', '-1MB', '10 apples', '10mb', 'MB'])('%j is refused', (text) => {
    expectProblem(
      problemOf(() => parseSizeBytes(text)),
      'bad_value',
      `'${text}'`,
    );
  });
});

describe('formatDurationNs', () => {
  test.each([
    [0, '0 ns'],
    [1, '1 ns'],
    [812, '812 ns'],
    [999, '999 ns'],
    [0.5, '0.5 ns'],
    [999.4, '999 ns'],
    [999.7, '1 us'],
    [1000, '1 us'],
    [1234, '1.23 us'],
    [5_120_000, '5.12 ms'],
    [100_000, '100 us'],
    [999_400, '999 us'],
    [999_600, '1 ms'],
    [999_999_999, '1 s'],
    [59.94e9, '59.9 s'],
    [59.96e9, '1 m'],
    [90e9, '1.5 m'],
    [5400e9, '1.5 h'],
    [86_400e9, '1 d'],
    [1.5 * 86_400e9, '1.5 d'],
    [4000 * 86_400e9, '4000 d'],
    [-5_120_000, '-5.12 ms'],
  ])('%d', (ns, text) => {
    expect(formatDurationNs(ns)).toBe(text);
  });
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [412, '412 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1_250_000, '1.25 MB'],
    [999_600, '1 MB'],
    [2e9, '2 GB'],
    [3e15, '3 PB'],
    [3e19, '30000 PB'],
  ])('%d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [4113, '4,113'],
  [1_234_567_890, '1,234,567,890'],
  [-4113, '-4,113'],
  [2 ** 53, '9,007,199,254,740,992'],
])('formatCount(%d)', (count, text) => {
  expect(formatCount(count)).toBe(text);
});
