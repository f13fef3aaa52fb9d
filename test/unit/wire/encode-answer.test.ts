import { expect, test } from 'vitest';
import { answerDecoder, answerEncoder } from '../../../src/core/wire/encode-answer.ts';

const columns = [
  { name: 'time', type: 'timestamp' },
  { name: 'seen', type: 'timestamp' },
  { name: 'elapsed', type: 'elapsed' },
] as const;
const rows = [
  { time: 1_477_329_163_288_693, seen: 1_477_329_163_288_693, elapsed: 5 },
  { time: 1_477_329_163_288_693, seen: null, elapsed: 6 },
  { time: 0, seen: 1, elapsed: 0 },
  { time: 1, seen: 0, elapsed: 1 },
];

test('times of each column are their own, whatever came before', () => {
  const lines = rows.map(answerEncoder(columns));
  expect(lines).toEqual([
    { time: '2016-10-24T17:12:43.288693Z', seen: '2016-10-24T17:12:43.288693Z', elapsed: 5 },
    { time: '2016-10-24T17:12:43.288693Z', seen: null, elapsed: 6 },
    { time: '1970-01-01T00:00:00.000000Z', seen: '1970-01-01T00:00:00.000001Z', elapsed: 0 },
    { time: '1970-01-01T00:00:00.000001Z', seen: '1970-01-01T00:00:00.000000Z', elapsed: 1 },
  ]);
  expect(lines.map(answerDecoder(columns))).toEqual(rows);
});

test('a column that a line lacks stays away', () => {
  expect(answerEncoder(columns)({ time: 0, elapsed: 1 })).toEqual({
    time: '1970-01-01T00:00:00.000000Z',
    elapsed: 1,
  });
});

test('what is no time is refused', () => {
  expect(() => answerDecoder(columns)({ time: 'noon' })).toThrow(
    expect.objectContaining({ code: 'bad_value' }),
  );
});
