import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { packBatch, unpackBody } from '../../../src/core/agent/parcel.ts';
import { splitBatch } from '../../../src/core/agent/split-batch.ts';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { encodeEntries } from '../../support/encode-entries.ts';
import { plainValues } from '../../support/plain-values.ts';
import { batchOf } from '../../support/sample-batch.ts';

test('a body that an older agent wrote as entries is read as one of today', async () => {
  const batch = batchOf(20);
  const older = await unpackBody(gzipSync(encodeEntries(batch)));
  expect(older).toEqual(await unpackBody(await packBatch(batch, 'key').body()));
});

test('halves have what their entries have, and no text that only the other half has', async () => {
  const values = [
    ['a', 'b', 'a', 'c', 'b'],
    [1, 2, 3, 4, 5],
    ['s', 't', 's', 't', 'u'],
    [6, 7, 8, 9, 10],
  ];
  const state = [null, 'D', null, null, 'S'];
  const entries = makeEntries({
    category: offcputime,
    length: 5,
    values: [...values, undefined, undefined, state],
    timesUs: [null, 7, null, null, 9],
  });
  const halves = splitBatch(batchOf(0, { entries: [entries] }), 'key');
  const [first, second] = await Promise.all(halves.map(async (half) => (await half.batch()).entries[0]!));
  expect([first!.length, second!.length]).toEqual([3, 2]);
  expect(first!.values[0]).toEqual({ dictionary: ['a', 'b'], indices: Int32Array.of(0, 1, 0) });
  expect(second!.values[0]).toEqual({ dictionary: ['c', 'b'], indices: Int32Array.of(0, 1) });
  expect(second!.values[6]).toEqual({ dictionary: ['S'], indices: Int32Array.of(-1, 0) });
  expect(plainValues(first!).map((column, c) => column && [...column, ...plainValues(second!)[c]!])).toEqual(
    plainValues(entries),
  );
});
