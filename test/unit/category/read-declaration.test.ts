import { describe, expect, test } from 'vitest';
import { categoryDifference } from '../../../src/core/category/category-difference.ts';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import {
  parseColumn,
  prettyName,
  printColumn,
  readDeclaration,
} from '../../../src/core/category/read-declaration.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

describe('a column as people write it', () => {
  test.each([
    ['process:string', { name: 'process', type: 'string', prettyName: 'Process' }],
    ['run_queue:int', { name: 'run_queue', type: 'int', prettyName: 'Run queue' }],
    ['latency:elapsed:us', { name: 'latency', type: 'elapsed', prettyName: 'Latency', unit: 'us' }],
    ['note:string:optional', { name: 'note', type: 'string', prettyName: 'Note', optional: true }],
    [
      'wait:elapsed:ms:optional',
      { name: 'wait', type: 'elapsed', prettyName: 'Wait', unit: 'ms', optional: true },
    ],
  ])('%s is read, and printed as it was', (text, column) => {
    expect(parseColumn(text)).toEqual(column);
    expect(printColumn(parseColumn(text))).toBe(text);
  });

  test.each(['', 'process', 'process:', 'a:elapsed:us:optional:more', 'a:elapsed:us:ms'])(
    '%j is refused',
    (text) => {
      expectProblem(
        problemOf(() => parseColumn(text)),
        'bad_category',
        `'${text}' declares no column`,
      );
    },
  );

  test('a title is the name with a capital and spaces', () => {
    expect(prettyName('run_queue_latency')).toBe('Run queue latency');
  });
});

describe('a declaration in JSON', () => {
  test('is read with titles where it has them', () => {
    const json = {
      name: 'runqlat',
      prettyName: 'Run queue latency',
      columns: ['process:string', { name: 'latency', type: 'elapsed', unit: 'us', prettyName: 'Wait' }],
    };
    expect(readDeclaration(json)).toEqual(
      defineCategory({
        name: 'runqlat',
        prettyName: 'Run queue latency',
        columns: [
          { name: 'process', type: 'string', prettyName: 'Process' },
          { name: 'latency', type: 'elapsed', unit: 'us', prettyName: 'Wait' },
        ],
      }),
    );
  });

  test.each([
    [[], 'is no JSON object'],
    [null, 'is no JSON object'],
    [{ columns: [] }, "no 'name'"],
    [{ name: 'a' }, "no array 'columns'"],
    [{ name: 'a', colums: [] }, "unknown key 'colums'"],
    [{ name: 'a', columns: [3] }, 'column 1 is no JSON object'],
    [{ name: 'a', columns: ['b:int', { name: 'c' }] }, 'column 2 has no'],
    [{ name: 'a', columns: [{ name: 'c', type: 'int', size: 3 }] }, "unknown key 'size'"],
    [{ name: 'a', columns: [{ name: 'c', type: 'int', optional: 'yes' }] }, 'neither true nor false'],
    [{ name: 'a', columns: [{ name: 'c', type: 'integer' }] }, "unknown type 'integer'"],
    [{ name: 'stack', columns: ['a:int'] }, "no category may be called 'stack'"],
    [{ name: 'Upper', columns: ['a:int'] }, 'cannot be the name'],
    [{ name: 'a', columns: ['id:int'] }, "no column may be called 'id'"],
    [{ name: 'a', columns: [] }, 'declares no column'],
  ])('%j is refused', (json, says) => {
    expectProblem(
      problemOf(() => readDeclaration(json)),
      'bad_category',
      says,
    );
  });
});

describe('the difference of two categories', () => {
  const declared = readDeclaration({ name: 'a', columns: ['p:string', 'w:elapsed', 'n:int:optional'] });
  test.each([
    [['p:string', 'w:elapsed:us', 'n:int:optional'], undefined],
    [
      ['p:string', 'w:elapsed:ns', 'n:int:optional'],
      "its column 'w' is elapsed in us there, and elapsed in ns here",
    ],
    [['p:stack', 'w:elapsed', 'n:int:optional'], "its column 'p' is string there, and stack here"],
    [['p:string', 'w:elapsed', 'n:int'], "its column 'n' is int, optional there, and int here"],
    [['p:string', 'w:elapsed'], "it has a column 'n' there, and none here"],
    [['p:string', 'w:elapsed', 'n:int:optional', 'm:int'], "it has no column 'm' there"],
    [['w:elapsed', 'p:string', 'n:int:optional'], 'its columns stand in another order there: p, w, n'],
  ])('%j', (columns, says) => {
    expect(categoryDifference(declared, readDeclaration({ name: 'a', columns }))).toBe(says);
  });

  test('titles count', () => {
    const titled = { ...declared, prettyName: 'Other' };
    expect(categoryDifference(declared, titled)).toContain("called 'A' there");
  });
});
