import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { decodeAnswer } from '../../../src/core/wire/encode-answer.ts';
import { encodeBatch, encodeRow } from '../../../src/core/wire/encode-batch.ts';
import { everything } from '../../support/sample-categories.ts';

test('a batch is printed as the protocol has it, absent values left out', () => {
  const text = encodeBatch({
    hostname: 'destiny',
    timeUs: Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693,
    labels: { kernel: 'v6.12' },
    lost: 2,
    entries: [
      {
        category: offcputime,
        length: 2,
        values: [
          ['dd', 'fio'],
          [1, 2],
          ['a;b', 'c'],
          [5, 6],
        ],
        timesUs: [null, 0],
      },
      {
        category: everything,
        length: 1,
        values: [['l'], [null], ['t'], [null], [1], [null], [2], [null], [0], [null]],
      },
    ],
  });
  expect(JSON.parse(text)).toEqual({
    hostname: 'destiny',
    time: '2016-10-24T17:12:43.288693Z',
    labels: { kernel: 'v6.12' },
    lost: 2,
    offcputime: [
      { process: 'dd', pid: 1, stack: 'a;b', elapsed: 5 },
      { process: 'fio', pid: 2, stack: 'c', elapsed: 6, time: '1970-01-01T00:00:00.000000Z' },
    ],
    everything: [{ label: 'l', trace: 't', size: 1, latency: 2, started: '1970-01-01T00:00:00.000000Z' }],
  });
});

describe('a row', () => {
  const row = { time: 1, label: 'l', started: -1, ended: null, size: 5 };
  const json = {
    time: '1970-01-01T00:00:00.000001Z',
    label: 'l',
    started: '1969-12-31T23:59:59.999999Z',
    ended: null,
    size: 5,
  };

  test('leaves with its timestamps in ISO 8601 and its keys in order', () => {
    expect(encodeRow(everything, row)).toEqual(json);
    expect(Object.keys(encodeRow(everything, row))).toEqual(Object.keys(row));
  });

  test('comes back as it left', () => {
    expect(decodeAnswer(everything.columns, json)).toEqual(row);
  });
});
