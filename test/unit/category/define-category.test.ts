import { describe, expect, test } from 'vitest';
import {
  type Category,
  type Column,
  columnTypes,
  defineCategory,
  entryColumns,
  findColumn,
  isNumeric,
  type Row,
} from '../../../src/core/category/define-category.ts';
import { builtInCategories, offcputime } from '../../../src/core/category/index.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

const latency = { name: 'latency', type: 'elapsed', prettyName: 'Latency', unit: 'us' } as const;

function define(name: string, columns: readonly unknown[]): Category {
  return defineCategory({ name, prettyName: 'Pretty', columns: columns as readonly Column[] });
}

describe('defineCategory', () => {
  test('puts the columns of the batch before those of the entries', () => {
    const category = define('runqlat', [{ name: 'process', type: 'string', prettyName: 'Process' }, latency]);
    expect(category.name).toBe('runqlat');
    expect(category.prettyName).toBe('Pretty');
    expect(category.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'hostname string',
      'time timestamp',
      'process string',
      'latency elapsed',
    ]);
    expect(entryColumns(category).map(({ name }) => name)).toEqual(['process', 'latency']);
    expect(findColumn(category, 'latency')).toEqual(latency);
    expect(findColumn(category, 'nonesuch')).toBeUndefined();
  });

  test('takes every column type, and a unit for elapsed alone', () => {
    for (const type of columnTypes)
      expect(define('c', [{ name: 'x', type, prettyName: 'X' }]).columns[2]?.type).toBe(type);
    expectProblem(
      problemOf(() => define('c', [{ ...latency, type: 'int' }])),
      'bad_category',
      "'latency'",
      'unit',
    );
    expectProblem(
      problemOf(() => define('c', [{ ...latency, unit: 'h' }])),
      'bad_category',
      "unit 'h'",
    );
  });

  test.each(['', 'Off', '1st', 'a b', "a'b", 'a"b', 'a;b', '__proto__', 'x'.repeat(49), 5, null, undefined])(
    '%j is no name of a category or column',
    (name) => {
      expectProblem(
        problemOf(() => define(name as string, [latency])),
        'bad_category',
        `'${name}'`,
      );
      expectProblem(
        problemOf(() => define('c', [{ ...latency, name }])),
        'bad_category',
        `'${name}'`,
      );
    },
  );

  test.each([
    'hostname',
    'time',
    'labels',
    'lost',
    'batch',
    'source',
    'string',
    'stack',
    'category',
    'meta',
    'kernelscope_x',
    'sqlite_master',
    'x_row',
    'x_summary',
    'constructor',
  ])("a category cannot be called '%s', which means something to a batch or the database", (name) => {
    expectProblem(
      problemOf(() => define(name, [latency])),
      'bad_category',
      `'${name}'`,
    );
  });

  test.each(['id', 'labels', 'lost', 'expr', 'conditions', 'constructor', 'batch_id', 'seq', 'time_offset'])(
    "a column cannot be called '%s', which means something to a query or the database",
    (name) => {
      expectProblem(
        problemOf(() => define('c', [{ ...latency, name }])),
        'bad_category',
        `'${name}'`,
      );
    },
  );

  test('refuses a category without columns, with an unknown type, or with a column twice', () => {
    expectProblem(
      problemOf(() => define('c', [])),
      'bad_category',
      "'c'",
      'no column',
    );
    const problem = problemOf(() => define('c', [{ ...latency, type: 'float' }]));
    expectProblem(problem, 'bad_category', "'latency'", "'float'");
    expect(problem.suggestions).toEqual(['types are: string, timestamp, int, stack, elapsed']);
    expectProblem(
      problemOf(() => define('c', [latency, latency])),
      'bad_category',
      "'latency' twice",
    );
    expectProblem(
      problemOf(() => define('c', [{ name: 'time', type: 'timestamp', prettyName: 'T' }])),
      'bad_category',
      "'time' twice",
    );
  });
});

test('the built-in offcputime has the columns of the protocol, in its order', () => {
  expect(builtInCategories).toContain(offcputime);
  expect(offcputime.columns).toEqual([
    { name: 'hostname', type: 'string', prettyName: 'Hostname' },
    { name: 'time', type: 'timestamp', prettyName: 'Time' },
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'pid', type: 'int', prettyName: 'PID' },
    { name: 'stack', type: 'stack', prettyName: 'Stack' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed', unit: 'ns' },
    { name: 'count', type: 'int', prettyName: 'Blocks', optional: true },
    { name: 'max', type: 'elapsed', prettyName: 'Longest', unit: 'ns', optional: true },
    { name: 'state', type: 'string', prettyName: 'State', optional: true },
  ]);
});

test('numbers can be weighed, times and text cannot', () => {
  expect(offcputime.columns.filter(isNumeric).map(({ name }) => name)).toEqual([
    'pid',
    'elapsed',
    'count',
    'max',
  ]);
});

test('a row of a known category has its columns, with their types', () => {
  const row: Row<typeof offcputime> = {
    hostname: 'destiny',
    time: 0,
    process: 'dd',
    pid: 1234,
    stack: 'a;b',
    elapsed: 5,
    count: 1,
    max: 5,
    state: 'S',
  };
  // @ts-expect-error a wrong column name must not compile
  const wrongName: Row<typeof offcputime> = { ...row, proces: 'dd' };
  // @ts-expect-error nor a value of the wrong type
  const wrongType: Row<typeof offcputime> = { ...row, pid: '1234' };
  expect([wrongName, wrongType]).toHaveLength(2);
});
