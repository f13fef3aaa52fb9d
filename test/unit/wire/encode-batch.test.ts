import { describe, expect, test } from 'vitest';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { answerDecoder } from '../../../src/core/wire/encode-answer.ts';
import { encodeBatch, rowEncoder } from '../../../src/core/wire/encode-batch.ts';
import { everything } from '../../support/sample-categories.ts';

const head = { hostname: 'destiny', labels: { kernel: 'v6.12' }, lost: 2 };
const timeUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;

test('a batch is printed as columns, each text once, columns without values left out', () => {
  const text = encodeBatch({
    ...head,
    timeUs,
    entries: [
      makeEntries({
        category: offcputime,
        length: 3,
        values: [
          ['dd', 'fio', 'dd'],
          [1, 2, 3],
          ['a;b', 'c', 'c'],
          [5, 6, 7],
          undefined,
          [8, null, 9],
          ['D', null, 'S'],
        ],
        timesUs: [null, 0, null],
      }),
      makeEntries({
        category: everything,
        length: 1,
        values: [['l'], undefined, ['t'], undefined, [1], undefined, [2], undefined, [0], undefined],
      }),
    ],
  });
  expect(JSON.parse(text)).toEqual({
    ...head,
    time: '2016-10-24T17:12:43.288693Z',
    offcputime: {
      process: { dictionary: ['dd', 'fio'], indices: [0, 1, 0] },
      pid: [1, 2, 3],
      stack: { dictionary: ['a;b', 'c'], indices: [0, 1, 1] },
      elapsed: [5, 6, 7],
      max: [8, null, 9],
      state: { dictionary: ['D', 'S'], indices: [0, null, 1] },
      time: [null, '1970-01-01T00:00:00.000000Z', null],
    },
    everything: {
      label: { dictionary: ['l'], indices: [0] },
      trace: { dictionary: ['t'], indices: [0] },
      size: [1],
      latency: [2],
      started: ['1970-01-01T00:00:00.000000Z'],
    },
  });
});

test('entries without any value are still counted', () => {
  const category = defineCategory({
    name: 'marks',
    prettyName: 'Marks',
    columns: [{ name: 'note', type: 'string', prettyName: 'Note', optional: true }],
  });
  const entries = [{ category, length: 3, values: [undefined] }];
  const text = encodeBatch({ ...head, timeUs, entries });
  expect(decodeBatch(Buffer.from(text), new Map([['marks', category]])).entries).toEqual(entries);
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
    expect(rowEncoder(everything)(row)).toEqual(json);
    expect(Object.keys(rowEncoder(everything)(row))).toEqual(Object.keys(row));
  });

  test('comes back as it left', () => {
    expect(answerDecoder(everything.columns)(json)).toEqual(row);
  });
});
