import { describe, expect, test } from 'vitest';
import { isName, MAX_NAME_LENGTH, nearestName, suggestNames } from '../../../src/core/base/names.ts';

const columns = ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed'];

describe('isName', () => {
  test.each(['a', 'offcputime', 'run_q_lat', 'a1', 'a'.repeat(MAX_NAME_LENGTH)])('%s is one', (name) => {
    expect(isName(name)).toBe(true);
  });

  test.each([
    '',
    '1a',
    '_a',
    'A',
    'offCpu',
    'a b',
    'a-b',
    'a"b',
    "a'b",
    'a;drop table batch',
    'a\n',
    'á',
    '__proto__',
    'a'.repeat(MAX_NAME_LENGTH + 1),
  ])('%j is none', (name) => {
    expect(isName(name)).toBe(false);
  });
});

describe('nearestName', () => {
  test.each([
    ['proces', 'process'],
    ['elpased', 'elapsed'],
    ['Elapsed', 'elapsed'],
    ['host', 'hostname'],
    ['tiem', 'time'],
    ['stck', 'stack'],
  ])('%s means %s', (name, nearest) => {
    expect(nearestName(name, columns)).toBe(nearest);
  });

  test.each(['', 'temperature', 'x', 'qqqqqqqq'])('%j means none of them', (name) => {
    expect(nearestName(name, columns)).toBeUndefined();
  });

  test('nothing is near where there is nothing', () => {
    expect(nearestName('pid', [])).toBeUndefined();
  });
});

describe('suggestNames', () => {
  test('says what may have been meant, then all there are', () => {
    expect(suggestNames('proces', columns)).toEqual([
      "did you mean 'process'?",
      'there are: hostname, time, process, pid, stack, elapsed',
    ]);
  });

  test('says only what there is where nothing is near, and nothing where there is nothing', () => {
    expect(suggestNames('temperature', columns)).toEqual([
      'there are: hostname, time, process, pid, stack, elapsed',
    ]);
    expect(suggestNames('pid', [])).toEqual([]);
  });
});
