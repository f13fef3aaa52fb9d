import { expect, test } from 'vitest';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { convertLegacy } from '../../../src/core/wire/convert-legacy.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { everything, sampleCategories } from '../../support/sample-categories.ts';

function decode(json: unknown): Batch {
  return decodeBatch(Buffer.from(JSON.stringify(json)), sampleCategories);
}

const head = { hostname: 'h', time: '2016-10-24', lost: 3, labels: { run: 'a' } };

test('stacks are turned around and microseconds become nanoseconds, for offcputime alone', () => {
  const row = { label: 'l', trace: 'leaf;root', size: 1, latency: 2, started: '2016-10-24' };
  const sent = decode({
    ...head,
    offcputime: [
      { process: 'dd', pid: 1, stack: 'schedule;wait_for_space;sys_write', elapsed: 5000 },
      { process: 'dd', pid: 1, stack: 'alone', elapsed: 0 },
      { process: 'dd', pid: 1, stack: '', elapsed: 1, time: '2016-10-25' },
    ],
    everything: [row],
  });
  const converted = convertLegacy(sent);
  expect(converted).toMatchObject({ hostname: 'h', timeUs: sent.timeUs, lost: 3, labels: { run: 'a' } });
  expect(plainValues(converted.entries[0]!).slice(0, 4)).toEqual([
    ['dd', 'dd', 'dd'],
    [1, 1, 1],
    ['sys_write;wait_for_space;schedule', 'alone', ''],
    [5_000_000, 0, 1000],
  ]);
  expect(converted.entries[0]!.timesUs).toEqual(sent.entries[0]!.timesUs);
  expect(converted.entries[1]).toEqual(sent.entries[1]);
  expect(converted.entries[1]!.category).toBe(everything);
});

test('microseconds that are too many to be nanoseconds refuse the batch', () => {
  const batch = decode({
    ...head,
    offcputime: [
      { process: 'dd', pid: 1, stack: 'a', elapsed: 1 },
      { process: 'dd', pid: 1, stack: 'a', elapsed: 9_007_199_254_741 },
    ],
  });
  expectProblem(
    problemOf(() => convertLegacy(batch)),
    'bad_batch',
    'offcputime, entry 1',
    "column 'elapsed'",
  );
});
