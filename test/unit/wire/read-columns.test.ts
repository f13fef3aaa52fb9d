import { describe, expect, test } from 'vitest';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { valueAt } from '../../../src/core/category/entry-columns.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { plainValues } from '../../support/plain-values.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { sampleCategories } from '../../support/sample-categories.ts';

const head = { hostname: 'destiny', time: '2016-10-24 17:12:43.288693' };
const process = { dictionary: ['dd', 'cc1'], indices: [0, 1, 1] };
const stack = { dictionary: ['a;b', 'c'], indices: [1, 0, 1] };
const columns = { process, pid: [1, 2, 2], stack, elapsed: [5, 0, 7] };

function decode(json: unknown): Batch {
  return decodeBatch(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), sampleCategories);
}

function valuesOf(offcputime: unknown): readonly unknown[] {
  return plainValues(decode({ ...head, offcputime }).entries[0]!);
}

describe('good columns', () => {
  test('are the entries that they would be one by one', () => {
    const entries = [
      { process: 'dd', pid: 1, stack: 'c', elapsed: 5 },
      { process: 'cc1', pid: 2, stack: 'a;b', elapsed: 0, state: 'D', time: '2016-10-25' },
      { process: 'cc1', pid: 2, stack: 'c', elapsed: 7, count: 3 },
    ];
    const more = {
      count: [null, null, 3],
      max: [null, null, null],
      state: { dictionary: ['D'], indices: [null, 0, null] },
      time: [null, '2016-10-25', null],
    };
    expect(decode({ ...head, offcputime: { ...columns, ...more } })).toEqual(
      decode({ ...head, offcputime: entries }),
    );
  });

  test('may be of no entries: empty, or not there', () => {
    const none = decode({ ...head, offcputime: [] });
    const empty = { dictionary: [], indices: [] };
    expect(decode({ ...head, offcputime: {} })).toEqual(none);
    expect(
      decode({ ...head, offcputime: { process: empty, pid: [], stack: empty, elapsed: [], time: [] } }),
    ).toEqual(none);
    expect(decode({ ...head, offcputime: { process: { dictionary: ['x', 5], indices: [] } } })).toEqual(none);
  });

  test('may leave out or null what is optional', () => {
    expect(valuesOf({ ...columns, count: null, state: null, time: null })).toEqual(valuesOf(columns));
  });

  test('keep of a dictionary what entries have, in the order of the entries', () => {
    const sent = { dictionary: ['unused', 'b', 'a', 'never'], indices: [2, 1, 2] };
    const [entries] = decode({ ...head, offcputime: { ...columns, process: sent } }).entries;
    expect(entries!.values[0]).toEqual({ dictionary: ['a', 'b'], indices: Int32Array.of(0, 1, 0) });
  });

  test('may have the same text at several places of a dictionary', () => {
    const twice = { dictionary: ['cc1', 'dd', 'cc1'], indices: [1, 0, 2] };
    expect(valuesOf({ ...columns, process: twice })).toEqual(valuesOf(columns));
  });

  test('give 0 for -0, which databases do not tell apart', () => {
    const text = JSON.stringify({ ...head, offcputime: columns }).replace('[5,0,7]', '[-0,0,7]');
    const [entries] = decode(text).entries;
    expect(Object.is(valueAt(entries!.values[3], 0), 0)).toBe(true);
  });

  test('hold timestamps as entries do', () => {
    const one = { dictionary: ['x'], indices: [0] };
    const everything = {
      label: one,
      trace: one,
      size: [-1],
      latency: [2],
      started: ['1970-01-01 00:00:01'],
    };
    expect(plainValues(decode({ ...head, everything }).entries[0]!)[8]).toEqual([1_000_000]);
  });
});

describe('a value that is wrong is named by category, entry, column and reason', () => {
  test.each<[object, string, string]>([
    [{ pid: [1, 2] }, "entry 2, column 'pid'", 'ends here, and another has 3 values'],
    [{ time: [null] }, "entry 1, column 'time'", 'ends here'],
    [{ process: { ...process, indices: [0] } }, "entry 1, column 'process'", 'ends here'],
    [{ pid: [1, 2, 2, 3] }, "entry 3, column 'process'", 'another has 4 values'],
    [{ pid: undefined }, "entry 0, column 'pid'", 'it is missing'],
    [{ pid: null }, "entry 0, column 'pid'", 'it is missing'],
    [{ process: undefined }, "entry 0, column 'process'", 'it is missing'],
    [{ pid: [1, null, 2] }, "entry 1, column 'pid'", 'it is missing'],
    [{ pid: [1, '2', 2] }, "entry 1, column 'pid'", 'a string, not a whole number'],
    [{ pid: [1, 1.5, 2] }, "entry 1, column 'pid'", '1.5 is not a whole number'],
    [{ pid: [1, 2 ** 53, 2] }, "entry 1, column 'pid'", '9007199254740992 is not a whole number'],
    [{ pid: [1, [2], 2] }, "entry 1, column 'pid'", 'an array, not a whole number'],
    [{ elapsed: [1, -1, 2] }, "entry 1, column 'elapsed'", '-1 is negative'],
    [{ time: [null, 5, null] }, "entry 1, column 'time'", 'a number, not a timestamp'],
    [{ time: [null, 'noon', null] }, "entry 1, column 'time'", "'noon' is not a timestamp"],
    [{ process: { ...process, indices: [0, 2, 1] } }, "entry 1, column 'process'", '2 is not an index'],
    [{ process: { ...process, indices: [0, -1, 1] } }, "entry 1, column 'process'", '-1 is not an index'],
    [{ process: { ...process, indices: [0, 0.5, 1] } }, "entry 1, column 'process'", '0.5 is not an index'],
    [{ process: { ...process, indices: [0, 1e300, 1] } }, "entry 1, column 'process'", 'is not an index'],
    [
      { process: { ...process, indices: [0, 'dd', 1] } },
      "entry 1, column 'process'",
      'a string, not an index',
    ],
    [{ process: { ...process, indices: [0, null, 1] } }, "entry 1, column 'process'", 'it is missing'],
    [
      { process: { ...process, dictionary: ['dd', 5] } },
      "entry 1, column 'process'",
      'a number, not a string',
    ],
    [
      { process: { ...process, dictionary: ['dd', null] } },
      "entry 1, column 'process'",
      'null, not a string',
    ],
    [{ process: { ...process, dictionary: ['dd', 'a\0b'] } }, "entry 1, column 'process'", 'NUL'],
    [{ process: { ...process, dictionary: ['dd', '\ud800'] } }, "entry 1, column 'process'", 'surrogate'],
  ])('%j', (changes, place, reason) => {
    const problem = problemOf(() => decode({ ...head, offcputime: { ...columns, ...changes } }));
    expectProblem(problem, 'bad_batch', 'offcputime, ', place, reason);
  });

  test('with a number, or an index, beyond all doubles', () => {
    const text = JSON.stringify({ ...head, offcputime: columns });
    expectProblem(
      problemOf(() => decode(text.replace('[5,0,7]', '[5,1e999,7]'))),
      'bad_batch',
      'Infinity',
    );
    expectProblem(
      problemOf(() => decode(text.replace('[0,1,1]', '[0,1e999,1]'))),
      'bad_batch',
      'Infinity',
    );
  });
});

describe('a column that is none is named', () => {
  test.each<[object, string, string]>([
    [{ procces: process }, "column 'procces'", 'no such column'],
    [{ hostname: process }, "column 'hostname'", 'no such column'],
    [{ constructor: [1] }, "column 'constructor'", 'no such column'],
    [
      { process: ['dd', 'cc1', 'cc1'] },
      "column 'process'",
      "an array, not an object of 'dictionary' and 'indices'",
    ],
    [{ process: 'dd' }, "column 'process'", 'a string, not an object'],
    [{ process: { dictionary: ['dd'] } }, "column 'process'", "its 'indices' is missing, not an array"],
    [{ process: { indices: [0, 0, 0] } }, "column 'process'", "its 'dictionary' is missing"],
    [{ process: { dictionary: 'dd', indices: [0] } }, "column 'process'", "its 'dictionary' is a string"],
    [{ process: { ...process, ordered: true } }, "column 'process'", "'ordered' is neither"],
    [{ pid: 5 }, "column 'pid'", 'it is a number, not an array'],
    [{ pid: { dictionary: [1], indices: [0, 0, 0] } }, "column 'pid'", 'it is an object, not an array'],
    [{ time: head.time }, "column 'time'", 'it is a string, not an array'],
  ])('%j', (changes, place, reason) => {
    const problem = problemOf(() => decode({ ...head, offcputime: { ...columns, ...changes } }));
    expectProblem(problem, 'bad_batch', 'offcputime, ', place, reason);
  });

  test('whatever its name means to JavaScript', () => {
    const text = JSON.stringify({ ...head, offcputime: columns });
    const proto = text.replace('"pid"', '"__proto__":{"pid":[1,1,1]},"pid"');
    expectProblem(
      problemOf(() => decode(proto)),
      'bad_batch',
      "column '__proto__'",
    );
    const inner = text.replace('"indices"', '"__proto__":[],"indices"');
    expectProblem(
      problemOf(() => decode(inner)),
      'bad_batch',
      "'__proto__' is neither",
    );
  });

  test('and so is an entry that stands there by itself', () => {
    const entry = { process: 'dd', pid: 1, stack: 'a', elapsed: 1 };
    const problem = problemOf(() => decode({ ...head, offcputime: entry }));
    expectProblem(problem, 'bad_batch', "column 'process'", 'a string');
    expect(problem.suggestions).toContain('an entry stands in an array of entries: [{...}]');
  });
});

test('entries are refused where they are more than a batch may have, in either form', () => {
  const many = 2 ** 20;
  const marks = defineCategory({
    name: 'marks',
    prettyName: 'Marks',
    columns: [{ name: 'note', type: 'string', prettyName: 'Note', optional: true }],
  });
  const read = (json: unknown) =>
    decodeBatch(Buffer.from(JSON.stringify({ ...head, marks: json })), new Map([['marks', marks]]));
  const indices = new Array<null>(many).fill(null);
  expect(read({ note: { dictionary: [], indices } }).entries[0]!.length).toBe(many);
  expectProblem(
    problemOf(() => read({ note: { dictionary: [], indices: [...indices, null] } })),
    'too_large',
    `marks: ${many + 1} entries`,
  );
  expectProblem(
    problemOf(() => read(new Array(many + 1).fill({}))),
    'too_large',
    `marks: ${many + 1} entries`,
  );
});
