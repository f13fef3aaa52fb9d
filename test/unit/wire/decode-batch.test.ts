import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { everything, sampleCategories } from '../../support/sample-categories.ts';

const head = { hostname: 'destiny', time: '2016-10-24 17:12:43.288693' };
const headTimeUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;
const entry = { process: 'dd', pid: 1234, stack: 'sys_write;wait_for_space', elapsed: 123456 };
const whole = {
  label: 'l',
  trace: 'a;b',
  size: 1,
  latency: 2,
  started: '1970-01-01 00:00:01',
};

function decode(json: unknown): Batch {
  return decodeText(typeof json === 'string' ? json : JSON.stringify(json));
}

function decodeText(text: string): Batch {
  return decodeBatch(Buffer.from(text), sampleCategories);
}

describe('a good batch', () => {
  test('of the protocol description', () => {
    expect(decode({ ...head, offcputime: [entry] })).toEqual({
      hostname: 'destiny',
      timeUs: headTimeUs,
      labels: {},
      lost: 0,
      entries: [
        {
          category: offcputime,
          length: 1,
          values: [
            { dictionary: ['dd'], indices: Int32Array.of(0) },
            Float64Array.of(1234),
            { dictionary: ['sys_write;wait_for_space'], indices: Int32Array.of(0) },
            Float64Array.of(123456),
            undefined,
            undefined,
            undefined,
          ],
        },
      ],
    });
  });

  test('carries labels, in the order of their names, and what was lost', () => {
    const batch = decode({ ...head, labels: { run: 'a', kernel: 'v6.12', empty: '' }, lost: 7 });
    expect(Object.entries(batch.labels)).toEqual([
      ['empty', ''],
      ['kernel', 'v6.12'],
      ['run', 'a'],
    ]);
    expect(batch.lost).toBe(7);
    expect(batch.entries).toEqual([]);
  });

  test('has entries of several categories, and times of their own for some', () => {
    const later = { ...entry, time: '2016-10-24 17:13:00' };
    const batch = decode({
      ...head,
      offcputime: [entry, later, { ...entry, time: null }],
      everything: [whole],
    });
    expect(batch.entries.map(({ category }) => category)).toEqual([offcputime, everything]);
    const laterUs = Date.UTC(2016, 9, 24, 17, 13) * 1000;
    expect(batch.entries[0]!.timesUs).toEqual(Float64Array.of(Number.NaN, laterUs, Number.NaN));
    expect(batch.entries[1]!.timesUs).toBeUndefined();
  });

  test('may leave out or null what is optional, and nothing else', () => {
    const batch = decode({ ...head, everything: [whole, { ...whole, note: null, delta: -5, wait: 0 }] });
    const columns = Object.fromEntries(
      everything.columns.slice(2).map(({ name }, c) => [name, plainValues(batch.entries[0]!)[c]]),
    );
    expect(columns).toMatchObject({
      note: undefined,
      delta: [null, -5],
      wait: [null, 0],
      ended: undefined,
      started: [1_000_000, 1_000_000],
    });
  });

  test('may say of an entry how many blocks it is, the longest, and the state', () => {
    const batch = decode({ ...head, offcputime: [entry, { ...entry, count: 2, max: 100_000, state: 'D' }] });
    expect(plainValues(batch.entries[0]!).slice(4)).toEqual([
      [null, 2],
      [null, 100_000],
      [null, 'D'],
    ]);
  });

  test('may be empty of entries', () => {
    const [entries] = decode({ ...head, offcputime: [] }).entries;
    expect(entries).toMatchObject({ category: offcputime, length: 0 });
    expect(plainValues(entries!)).toEqual([[], [], [], [], undefined, undefined, undefined]);
  });

  test('keeps text as it is: empty, in every script, with what SQL and markup find special', () => {
    const text = `'; drop table batch; -- <b>"\\%_\u001b[31m \u{1f600} größe\u2028`;
    const batch = decode({ ...head, offcputime: [{ ...entry, process: text, stack: '' }] });
    expect(plainValues(batch.entries[0]!)[0]).toEqual([text]);
    expect(plainValues(batch.entries[0]!)[2]).toEqual(['']);
  });

  test('may begin with a byte order mark', () => {
    expect(decodeText(`\ufeff${JSON.stringify(head)}`).hostname).toBe('destiny');
  });

  test('gives 0 for -0, which databases do not tell apart', () => {
    const batch = decodeText(JSON.stringify({ ...head, offcputime: [entry] }).replace('1234,', '-0,'));
    expect(Object.is(valueAt(batch.entries[0]!.values[1], 0), 0)).toBe(true);
  });

  test('takes whole numbers of either sign up to 2^53 - 1, elapsed from 0 on', () => {
    const edge = { ...entry, pid: -Number.MAX_SAFE_INTEGER, elapsed: Number.MAX_SAFE_INTEGER };
    const batch = decode({ ...head, offcputime: [edge, { ...entry, elapsed: 0 }] });
    expect(valueAt(batch.entries[0]!.values[1], 0)).toBe(-Number.MAX_SAFE_INTEGER);
    expect(batch.entries[0]!.values[3]).toEqual(Float64Array.of(Number.MAX_SAFE_INTEGER, 0));
  });

  test('may have labels whose names JavaScript gives every object', () => {
    const batch = decodeText(
      `{"hostname":"h","time":"2016-10-24","labels":{"__proto__":"p","constructor":"c"}}`,
    );
    expect(Object.entries(batch.labels)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
  });
});

describe('a body that is no batch', () => {
  test.each([
    ['', 'not valid JSON'],
    ['{', 'not valid JSON'],
    ['{"hostname": }', 'not valid JSON'],
    ['hostname=destiny', 'not valid JSON'],
    ['[]', 'an array, not a JSON object'],
    ['null', 'null, not a JSON object'],
    ['5', 'a number, not a JSON object'],
    ['"text"', 'a string, not a JSON object'],
    ['{}', "'time' is missing"],
  ])('%j', (text, says) => {
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
      says,
    );
  });

  test('is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"hostname":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expectProblem(
      problemOf(() => decodeBatch(bytes, sampleCategories)),
      'bad_batch',
      'not valid UTF-8',
    );
  });

  test.each([
    [{ time: head.time }, "'hostname' is missing"],
    [{ ...head, hostname: 5 }, "'hostname' is a number"],
    [{ ...head, hostname: null }, "'hostname' is null"],
    [{ ...head, hostname: '' }, "'hostname' is empty"],
    [{ ...head, hostname: 'h'.repeat(256) }, "'hostname' is longer than 255"],
    [{ ...head, hostname: 'a\0b' }, "'hostname'"],
    [{ hostname: 'h' }, "'time' is missing"],
    [{ ...head, time: 1477329163 }, "'time' is a number"],
    [{ ...head, time: null }, "'time' is null"],
    [{ ...head, time: 'yesterday' }, "'time': 'yesterday' is not a timestamp"],
    [{ ...head, time: '9999-01-01' }, "'time'"],
    [{ ...head, labels: [] }, "'labels' is an array"],
    [{ ...head, labels: null }, "'labels' is null"],
    [{ ...head, labels: 'kernel=v6' }, "'labels' is a string"],
    [{ ...head, labels: { kernel: 6 } }, "label 'kernel' is a number"],
    [{ ...head, labels: { kernel: null } }, "label 'kernel' is null"],
    [{ ...head, labels: { '': 'x' } }, 'the name of a label is empty'],
    [{ ...head, labels: { kernel: 'v'.repeat(256) } }, "label 'kernel' is longer"],
    [
      { ...head, labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'v'])) },
      'more than 32',
    ],
    [{ ...head, lost: -1 }, "'lost'"],
    [{ ...head, lost: 1.5 }, "'lost'"],
    [{ ...head, lost: '1' }, "'lost'"],
    [{ ...head, lost: null }, "'lost'"],
    [{ ...head, lost: 2 ** 53 }, "'lost'"],
    [{ ...head, offcputime: 5 }, "'offcputime' is a number, not an array of entries or an object of columns"],
    [{ ...head, offcputime: null }, "'offcputime' is null, not an array"],
    [{ ...head, offcputime: 'x' }, "'offcputime' is a string, not an array"],
  ])('%j', (json, says) => {
    expectProblem(
      problemOf(() => decode(json)),
      'bad_batch',
      says,
    );
  });

  test('of which lone surrogates arrive as escapes', () => {
    const text = JSON.stringify({ ...head, hostname: 'X' }).replace('X', '\\ud800');
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
      "'hostname'",
      'surrogate',
    );
  });

  test.each(['offcpu_time', 'Offcputime', '__proto__', 'toString', 'host'])(
    'names no category: %s',
    (name) => {
      const text = `{"hostname":"h","time":"2016-10-24","${name}":[]}`;
      const problem = problemOf(() => decodeText(text));
      expectProblem(problem, 'unknown_category', `'${name}'`);
      expect(problem.suggestions.at(-1)).toBe('there are: offcputime, everything, values');
    },
  );
});

describe('an entry that is wrong is named by category, number, column and reason', () => {
  const good = { ...head, offcputime: [entry, entry] };

  test.each<[unknown, string, string]>([
    [null, '', 'it is null, not an object'],
    [[], '', 'it is an array, not an object'],
    ['dd', '', 'it is a string, not an object'],
    [7, '', 'it is a number, not an object'],
    [{}, "column 'process'", 'it is missing'],
    [{ ...entry, pid: undefined }, "column 'pid'", 'it is missing'],
    [{ ...entry, pid: null }, "column 'pid'", 'it is missing'],
    [{ ...entry, pid: '1234' }, "column 'pid'", 'a string, not a whole number'],
    [{ ...entry, pid: 1.5 }, "column 'pid'", '1.5 is not a whole number'],
    [{ ...entry, pid: 2 ** 53 }, "column 'pid'", '9007199254740992 is not a whole number'],
    [{ ...entry, pid: true }, "column 'pid'", 'a boolean, not a whole number'],
    [{ ...entry, pid: [1] }, "column 'pid'", 'an array, not a whole number'],
    [{ ...entry, elapsed: -1 }, "column 'elapsed'", '-1 is negative'],
    [{ ...entry, elapsed: 1e300 }, "column 'elapsed'", 'is not a whole number'],
    [{ ...entry, elapsed: { ns: 5 } }, "column 'elapsed'", 'an object, not a whole number'],
    [{ ...entry, process: 5 }, "column 'process'", 'a number, not a string'],
    [{ ...entry, process: 'a\0b' }, "column 'process'", 'NUL'],
    [{ ...entry, stack: ['a', 'b'] }, "column 'stack'", 'an array, not a string'],
    [{ ...entry, time: 5 }, "column 'time'", 'a number, not a timestamp'],
    [{ ...entry, time: 'noon' }, "column 'time'", "'noon' is not a timestamp"],
    [{ ...entry, hostname: 'other' }, "column 'hostname'", 'no such column'],
    [{ ...entry, procces: 'dd' }, "column 'procces'", 'no such column'],
    [{ ...entry, constructor: 'x' }, "column 'constructor'", 'no such column'],
  ])('%j', (wrong, place, reason) => {
    const problem = problemOf(() => decode({ ...good, offcputime: [entry, wrong] }));
    expectProblem(problem, 'bad_batch', 'offcputime, entry 1', place, reason);
  });

  test('with a number beyond all doubles', () => {
    const text = JSON.stringify(good).replace('123456', '1e999');
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
      'entry 0',
      "'elapsed'",
      'Infinity',
    );
  });

  test('with a timestamp column that is none', () => {
    for (const started of [5, 'noon', '2016-02-30'])
      expectProblem(
        problemOf(() => decode({ ...head, everything: [{ ...whole, started }] })),
        'bad_batch',
        'everything, entry 0',
        "column 'started'",
        'not a timestamp',
      );
  });

  test('with half of a surrogate pair', () => {
    const text = JSON.stringify(good).replace('"dd"', '"\\udc00x"');
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
      'entry 0',
      "'process'",
      'surrogate',
    );
  });

  test('with a key __proto__, which is refused like any other', () => {
    const text = JSON.stringify(good).replace('"pid"', '"__proto__":{"pid":5},"pid"');
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
      'entry 0',
      "column '__proto__'",
    );
  });

  test('suggests the column that was meant', () => {
    const problem = problemOf(() => decode({ ...good, offcputime: [{ ...entry, elpased: 1 }] }));
    expect(problem.suggestions[0]).toBe("did you mean 'elapsed'?");
  });

  test('wherever it is among many', () => {
    const entries = new Array(5000).fill(entry);
    entries[4999] = { ...entry, pid: 'x' };
    expectProblem(
      problemOf(() => decode({ ...head, offcputime: entries })),
      'bad_batch',
      'entry 4999',
    );
  });

  test('however deep it is nested', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const text = JSON.stringify(good).replace('"dd"', deep);
    expectProblem(
      problemOf(() => decodeText(text)),
      'bad_batch',
    );
    expectProblem(
      problemOf(() => decodeText(deep)),
      'bad_batch',
    );
  });
});
