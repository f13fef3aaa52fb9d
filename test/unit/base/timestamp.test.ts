import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestampUs } from '../../../src/core/base/timestamp.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

/** The time of the example in the protocol's description. */
const seedUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;

describe('parseTimestampUs', () => {
  test.each([
    ['2016-10-24 17:12:43.288693', seedUs],
    ['2016-10-24T17:12:43.288693', seedUs],
    ['2016-10-24T17:12:43.288693Z', seedUs],
    ['2016-10-24t17:12:43.288693z', seedUs],
    ['2016-10-24 17:12:43,288693', seedUs],
    ['  2016-10-24 17:12:43.288693\n', seedUs],
    ['2016-10-24T19:12:43.288693+02:00', seedUs],
    ['2016-10-24T19:12:43.288693+0200', seedUs],
    ['2016-10-24T19:12:43.288693+02', seedUs],
    ['2016-10-24 19:12:43.288693 +02:00', seedUs],
    ['2016-10-24T11:42:43.288693-05:30', seedUs],
    ['2016-10-25T00:12:43.288693+07:00', seedUs],
    ['2016-10-24 17:12', seedUs - 43_288_693],
    ['2016-10-24', Date.UTC(2016, 9, 24) * 1000],
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['1969-12-31 23:59:59', -1_000_000],
    ['1900-03-01', Date.UTC(1900, 2, 1) * 1000],
    ['2000-02-29', Date.UTC(2000, 1, 29) * 1000],
    ['2024-02-29T23:59:59.5', Date.UTC(2024, 1, 29, 23, 59, 59, 500) * 1000],
  ])('%s', (text, timeUs) => {
    expect(parseTimestampUs(text)).toBe(timeUs);
  });

  test('fewer than six decimals are filled up, more are cut off', () => {
    expect(parseTimestampUs('1970-01-01 00:00:00.1')).toBe(100_000);
    expect(parseTimestampUs('1970-01-01 00:00:00.0001')).toBe(100);
    expect(parseTimestampUs('1970-01-01 00:00:00.123456999')).toBe(123_456);
    expect(parseTimestampUs('1969-12-31 23:59:59.123456999')).toBe(-876_544);
  });

  test.each([
    '',
    'now',
    '1477329163',
    '2016-10-24 17',
    '2016-13-24',
    '2016-00-10',
    '2016-10-32',
    '2016-02-30',
    '2023-02-29',
    '1900-02-29',
    '2016-10-24 24:00:00',
    '2016-10-24 17:60:00',
    '2016-12-31 23:59:60',
    '2016-10-24 17:12:43.',
    '2016-10-24 17:12:43.1234567890',
    '2016-10-24T17:12:43+24:00',
    '2016-10-24T17:12:43+02:60',
    '2016-10-24T17:12:43 CEST',
    '2016-10-24Z17:12:43',
    '16-10-24',
    '0001-01-01',
    '２０１６-10-24',
    '2016-10-24 17:12:43; drop table batch',
  ])('%j is refused', (text) => {
    const problem = problemOf(() => parseTimestampUs(text));
    expectProblem(problem, 'bad_value', `'${text}' is not a timestamp`);
    expect(problem.suggestions[0]).toContain('2016-10-24 17:12:43.288693');
  });

  test('a time whose microseconds a double cannot count is refused, not rounded', () => {
    expect(parseTimestampUs('2255-06-05T23:47:34.740991Z')).toBe(Number.MAX_SAFE_INTEGER);
    expectProblem(
      problemOf(() => parseTimestampUs('2255-06-05T23:47:34.740992Z')),
      'bad_value',
    );
    expectProblem(
      problemOf(() => parseTimestampUs('9999-12-31')),
      'bad_value',
    );
    expect(parseTimestampUs('1684-07-28T00:12:25.259009Z')).toBe(-Number.MAX_SAFE_INTEGER);
    expectProblem(
      problemOf(() => parseTimestampUs('1684-07-28T00:12:25.259008Z')),
      'bad_value',
    );
    expectProblem(
      problemOf(() => parseTimestampUs('0999-01-01')),
      'bad_value',
    );
  });
});

test.each([
  [0, '1970-01-01T00:00:00.000000Z'],
  [1, '1970-01-01T00:00:00.000001Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
  [-1000, '1969-12-31T23:59:59.999000Z'],
  [seedUs, '2016-10-24T17:12:43.288693Z'],
  [Number.MAX_SAFE_INTEGER, '2255-06-05T23:47:34.740991Z'],
  [-Number.MAX_SAFE_INTEGER, '1684-07-28T00:12:25.259009Z'],
])('formatTimestamp(%d)', (timeUs, text) => {
  expect(formatTimestamp(timeUs)).toBe(text);
});
