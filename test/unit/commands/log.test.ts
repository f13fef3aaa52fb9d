import { expect, test } from 'vitest';
import { describeProgress, describeStopped } from '../../../src/commands/log/log-run.ts';
import { formatRate } from '../../../src/commands/show-progress.ts';

test('what log is at is said: reading, then storing, or both at once', () => {
  expect(describeProgress(12_345, 0, false)).toEqual({ text: '12,345 records read', count: 12_345 });
  expect(describeProgress(12_345, 5000, false)).toEqual({
    text: '5,000 of 12,345 records stored',
    count: 5000,
  });
  expect(describeProgress(12_345, 5000, true)).toEqual({
    text: '12,345 records read, 5,000 stored',
    count: 12_345,
  });
});

test('what is left behind is said', () => {
  expect(describeStopped(12_345, 0)).toBe('stopped: 12,345 records read, nothing was stored');
  expect(describeStopped(12_345, 5000)).toBe('stopped: 5,000 of 12,345 records that were read are stored');
});

test('a rate is of the time between two counts, and none where counting began anew', () => {
  expect(formatRate({ count: 1000, atMs: 500 }, { count: 4000, atMs: 2500 })).toBe('1,500 per second');
  expect(formatRate({ count: 12_345, atMs: 0 }, { count: 5000, atMs: 1000 })).toBe('0 per second');
  expect(formatRate({ count: 0, atMs: 0 }, { count: 0, atMs: 0 })).toBe('0 per second');
});
