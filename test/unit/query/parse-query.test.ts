import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import type { Comparison, Condition, Operator } from '../../../src/core/query/condition.ts';
import { parseQueries, parseSortKey } from '../../../src/core/query/parse-query.ts';
import type { Query } from '../../../src/core/query/query.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { awkward, everything, sampleCategories } from '../../support/sample-categories.ts';

const nowUs = Date.UTC(2024, 5, 1, 12) * 1000;
const allColumns = ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed', 'count', 'max', 'state'];

function parse(query: unknown, category = 'offcputime'): Query {
  return parseQueries({ [category]: query }, sampleCategories, nowUs)[0]!;
}

function where(query: object, category = 'offcputime'): Condition {
  return parse(query, category).where;
}

function compare(field: string, operator: Operator, value: Comparison['value']): Comparison {
  return { kind: 'compare', field, operator, value };
}

describe('the forms of the protocol description', () => {
  test('a list with elements, constraints directly in the query, and a limit', () => {
    const query = {
      elements: ['process', 'stack', 'elapsed'],
      format: 'list',
      limit: 5,
      oper: 'and',
      conditions: [
        { process: 'dd', expr: '=' },
        { stack: 'btrfs', expr: 'contains' },
      ],
    };
    expect(parse(query)).toEqual({
      kind: 'rows',
      category: offcputime,
      columns: ['process', 'stack', 'elapsed'],
      where: {
        kind: 'and',
        conditions: [compare('process', '=', 'dd'), compare('stack', 'contains', 'btrfs')],
      },
      sort: [],
      limit: 5,
    });
  });

  test('nothing said: every column of every record', () => {
    expect(parse({})).toEqual({
      kind: 'rows',
      category: offcputime,
      columns: allColumns,
      where: { kind: 'and', conditions: [] },
      sort: [],
    });
  });

  test('constraints as an array of groups, which are joined by and', () => {
    const constraints = [
      {
        oper: 'or',
        conditions: [
          { pid: 1, expr: '=' },
          { pid: 2, expr: '=' },
        ],
      },
      { conditions: [{ elapsed: 5, expr: '>' }] },
      {
        oper: 'and',
        conditions: [
          { pid: 3, expr: '!=' },
          { pid: 4, expr: '!=' },
        ],
      },
    ];
    expect(where({ constraints })).toEqual({
      kind: 'and',
      conditions: [
        { kind: 'or', conditions: [compare('pid', '=', 1), compare('pid', '=', 2)] },
        compare('elapsed', '>', 5),
        compare('pid', '!=', 3),
        compare('pid', '!=', 4),
      ],
    });
  });

  test('a group directly in the query joins those of constraints', () => {
    const query = {
      constraints: [{ conditions: [{ pid: 1, expr: '=' }] }],
      conditions: [{ elapsed: 5, expr: '>' }],
    };
    expect(where(query)).toEqual({
      kind: 'and',
      conditions: [compare('pid', '=', 1), compare('elapsed', '>', 5)],
    });
  });

  test.each(['=', '<', '<=', '>', '>=', '!='] as const)('expr %s', (expr) => {
    expect(where({ conditions: [{ pid: 7, expr }] })).toEqual(compare('pid', expr, 7));
    expect(where({ conditions: [{ process: 'dd', expr }] })).toEqual(compare('process', expr, 'dd'));
  });

  test('several lists at once', () => {
    const queries = parseQueries(
      { offcputime: { limit: 1 }, everything: { limit: 2 } },
      sampleCategories,
      nowUs,
    );
    expect(queries.map(({ category }) => category)).toEqual([offcputime, everything]);
  });

  test('a flame graph by frequency, by a number, and by the pseudo-column count, in either order', () => {
    const stacks = {
      kind: 'stacks',
      category: everything,
      stack: 'trace',
      where: { kind: 'and', conditions: [] },
    };
    const ask = (elements: readonly string[]) => parse({ format: 'flamegraph', elements }, 'everything');
    expect(ask(['trace'])).toEqual(stacks);
    expect(ask(['trace', 'count'])).toEqual(stacks);
    expect(ask(['trace', 'latency'])).toEqual({ ...stacks, weight: 'latency' });
    expect(ask(['latency', 'trace'])).toEqual({ ...stacks, weight: 'latency' });
    expect(ask(['size', 'trace'])).toEqual({ ...stacks, weight: 'size' });
  });
});

describe('beyond it', () => {
  test('groups within groups', () => {
    const conditions = [
      { pid: 1, expr: '=' },
      {
        oper: 'and',
        conditions: [
          { pid: 2, expr: '>' },
          { pid: 9, expr: '<' },
        ],
      },
    ];
    expect(where({ oper: 'or', conditions })).toEqual({
      kind: 'or',
      conditions: [
        compare('pid', '=', 1),
        { kind: 'and', conditions: [compare('pid', '>', 2), compare('pid', '<', 9)] },
      ],
    });
  });

  test('lists, patterns, negations and null', () => {
    const conditions = [
      { process: ['dd', 'fio'], expr: 'in' },
      { pid: [1, 2], expr: 'not in' },
      { process: '^kw', expr: '~' },
      { stack: 'x', expr: '!~' },
      { stack: 'y', expr: 'not contains' },
      { process: null, expr: '=' },
      { process: null, expr: '!=' },
    ];
    expect(where({ oper: 'and', conditions })).toMatchObject({
      conditions: [
        compare('process', 'in', ['dd', 'fio']),
        compare('pid', 'not in', [1, 2]),
        compare('process', '~', '^kw'),
        compare('stack', '!~', 'x'),
        compare('stack', 'not contains', 'y'),
        compare('process', 'is null', null),
        compare('process', 'is not null', null),
      ],
    });
  });

  test('times and durations as text, labels, and an order', () => {
    const conditions = [
      { time: '2016-10-24 17:12', expr: '>=' },
      { time: '-2h', expr: '<' },
      { elapsed: '5ms', expr: '>' },
      { 'labels.kernel': 'v6.12', expr: '=' },
    ];
    expect(parse({ oper: 'and', conditions, sort: ['-elapsed', 'pid'] })).toMatchObject({
      where: {
        conditions: [
          compare('time', '>=', Date.UTC(2016, 9, 24, 17, 12) * 1000),
          compare('time', '<', nowUs - 7_200_000_000),
          compare('elapsed', '>', 5_000_000),
          compare('labels.kernel', '=', 'v6.12'),
        ],
      },
      sort: [
        { column: 'elapsed', descending: true },
        { column: 'pid', descending: false },
      ],
    });
  });

  test('columns that are called like keys of a query', () => {
    const conditions = [
      { select: 1, expr: '=' },
      { order: 'x', expr: 'contains' },
    ];
    expect(where({ oper: 'or', conditions }, 'values')).toMatchObject({
      conditions: [compare('select', '=', 1), compare('order', 'contains', 'x')],
    });
  });

  test('a column called count is that column, not the number of records', () => {
    expect(parse({ format: 'flamegraph', elements: ['order', 'count'] }, 'values')).toMatchObject({
      category: awkward,
      stack: 'order',
      weight: 'count',
    });
  });
});

describe('groups', () => {
  test('are asked for by what they go by and what is worked out, the most first', () => {
    const query = {
      groupby: ['process', 'time:1m'],
      aggregates: ['count', 'p99(elapsed)'],
      limit: 5,
      offset: 2,
    };
    expect(parse({ ...query, sort: ['-p99(elapsed)', 'time'] })).toEqual({
      kind: 'groups',
      category: offcputime,
      keys: [
        { kind: 'column', name: 'process', column: 'process' },
        { kind: 'bucket', name: 'time', column: 'time', widthUs: 60_000_000 },
      ],
      aggregates: [
        { kind: 'count', name: 'count' },
        { kind: 'percentile', name: 'p99(elapsed)', column: 'elapsed', percent: 99 },
      ],
      where: { kind: 'and', conditions: [] },
      sort: [
        { by: 'aggregate', place: 1, descending: true },
        { by: 'key', place: 1, descending: false },
      ],
      limit: 5,
      offset: 2,
    });
    expect(parse(query)).toMatchObject({ sort: [] });
    expect(parse({ groupby: ['process'] })).toMatchObject({
      aggregates: [{ kind: 'count' }],
      sort: [{ by: 'aggregate', place: 0, descending: true }],
    });
  });

  test('without anything worked out are what is distinct', () => {
    expect(parse({ groupby: ['process'], aggregates: [] })).toMatchObject({ aggregates: [], sort: [] });
  });
});

describe('what is wrong is refused, whatever it is', () => {
  test.each<[unknown, string, string]>([
    [null, 'bad_query', 'not a JSON object'],
    [[], 'bad_query', 'not a JSON object'],
    ['offcputime', 'bad_query', 'not a JSON object'],
    [{}, 'bad_query', 'names no category'],
    [{ offcpu: {} }, 'unknown_category', "'offcpu'"],
    [{ constructor: {} }, 'unknown_category', "'constructor'"],
    [JSON.parse('{"__proto__": {}}'), 'unknown_category', "'__proto__'"],
    [{ offcputime: null }, 'bad_query', "'offcputime' is not an object"],
    [{ offcputime: [] }, 'bad_query', "'offcputime' is not an object"],
    [
      { offcputime: { format: 'flamegraph', elements: ['stack'] }, everything: {} },
      'bad_query',
      'exactly one category',
    ],
    [
      { everything: {}, offcputime: { format: 'flamegraph', elements: ['stack'] } },
      'bad_query',
      'exactly one category',
    ],
  ])('%j', (body, code, says) => {
    expectProblem(
      problemOf(() => parseQueries(body, sampleCategories, nowUs)),
      code as 'bad_query',
      says,
    );
  });

  test.each<[object, string, string]>([
    [{ elemets: ['pid'] }, 'bad_query', "no key 'elemets'"],
    [{ ofset: 5 }, 'bad_query', "no key 'ofset'"],
    [{ offset: -5 }, 'bad_query', "'offset' is -5"],
    [{ format: 'flamegraph', elements: ['stack'], offset: 1 }, 'bad_query', "'offset' has no meaning"],
    [{ groupby: 'process' }, 'bad_query', "'groupby' is not an array"],
    [{ groupby: [5] }, 'bad_query', "'groupby' holds 5"],
    [{ groupby: ['proces'] }, 'unknown_column', "'proces'"],
    [{ groupby: [], aggregates: [] }, 'bad_query', 'ask for nothing'],
    [{ groupby: ['process', 'process'] }, 'bad_query', "two columns 'process'"],
    [{ groupby: ['process'], elements: ['pid'] }, 'bad_query', "'elements' has no meaning"],
    [{ groupby: ['stack'], format: 'flamegraph' }, 'bad_query', 'make a list, not a flamegraph'],
    [{ aggregates: ['sum(process)'] }, 'bad_query', "'process' is of type string"],
    [{ aggregates: ['count'], sort: ['pid'] }, 'bad_query', "no column 'pid' to sort by"],
    [{ elements: 'pid' }, 'bad_query', "'elements' is not an array"],
    [{ elements: [] }, 'bad_query', "'elements' is not an array"],
    [{ elements: null }, 'bad_query', "'elements' is not an array"],
    [{ elements: [5] }, 'bad_query', "'elements' holds 5"],
    [{ elements: ['pid', 'pid'] }, 'bad_query', 'twice'],
    [{ elements: ['pdi'] }, 'unknown_column', "no column 'pdi'"],
    [{ elements: ['constructor'] }, 'unknown_column', "no column 'constructor'"],
    [{ elements: ['id'] }, 'unknown_column', "no column 'id'"],
    [{ limit: -1 }, 'bad_query', "'limit' is -1"],
    [{ limit: 1.5 }, 'bad_query', "'limit' is 1.5"],
    [{ limit: '5' }, 'bad_query', `'limit' is "5"`],
    [{ limit: null }, 'bad_query', "'limit' is null"],
    [{ limit: 2 ** 60 }, 'bad_query', "'limit'"],
    [{ format: 'svg' }, 'bad_query', 'no format "svg"'],
    [{ format: 5 }, 'bad_query', 'no format 5'],
    [{ format: ['list'] }, 'bad_query', 'no format'],
    [{ sort: 'pid' }, 'bad_query', "'sort' is not an array"],
    [{ sort: [5] }, 'bad_query', "'sort' holds 5"],
    [{ sort: ['-pdi'] }, 'unknown_column', "no column 'pdi'"],
    [{ format: 'flamegraph' }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['process'] }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['elapsed', 'pid'] }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['stack', 'elapsed', 'pid'] }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['stack', 'elapsed', 'count'] }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['count'] }, 'bad_query', 'one stack column'],
    [{ format: 'flamegraph', elements: ['stack', 'process'] }, 'bad_query', "'process' is of type string"],
    [{ format: 'flamegraph', elements: ['stack', 'time'] }, 'bad_query', "'time' is of type timestamp"],
    [{ format: 'flamegraph', elements: ['stack', 'nonesuch'] }, 'unknown_column', "no column 'nonesuch'"],
    [{ format: 'flamegraph', elements: ['stack'], limit: 5 }, 'bad_query', "'limit' has no meaning"],
    [{ format: 'flamegraph', elements: ['stack'], sort: ['pid'] }, 'bad_query', "'sort' has no meaning"],
    [{ constraints: {} }, 'bad_query', "'constraints' is not an array"],
    [{ constraints: [5] }, 'bad_query', 'group of constraints is not an object'],
    [{ constraints: [[]] }, 'bad_query', 'group of constraints is not an object'],
    [{ constraints: [{}] }, 'bad_query', "'conditions' is not an array"],
    [{ constraints: [{ pid: 5, expr: '=' }] }, 'bad_query', "no key 'pid'"],
    [{ constraints: [{ conditions: {} }] }, 'bad_query', "'conditions' is not an array"],
    [{ conditions: 'pid' }, 'bad_query', "'conditions' is not an array"],
    [{ oper: 'and' }, 'bad_query', "'oper' stands without"],
    [{ oper: 'xor', conditions: [] }, 'bad_query', `'oper' is "xor"`],
    [{ oper: 5, conditions: [] }, 'bad_query', "'oper' is 5"],
    [
      {
        conditions: [
          { pid: 1, expr: '=' },
          { pid: 2, expr: '=' },
        ],
      },
      'bad_query',
      "'oper' is missing",
    ],
    [{ conditions: [5] }, 'bad_query', 'a condition is not an object'],
    [{ conditions: [null] }, 'bad_query', 'a condition is not an object'],
    [{ conditions: [{}] }, 'bad_query', 'names 0 columns'],
    [{ conditions: [{ expr: '=' }] }, 'bad_query', 'names 0 columns'],
    [{ conditions: [{ pid: 1, elapsed: 2, expr: '=' }] }, 'bad_query', 'names 2 columns'],
    [{ conditions: [{ pid: 1 }] }, 'bad_query', 'no "expr"'],
    [{ conditions: [{ pid: 1, expr: 5 }] }, 'bad_query', 'no "expr"'],
    [{ conditions: [{ pdi: 1, expr: '=' }] }, 'unknown_column', "no column 'pdi'"],
    [{ conditions: [{ constructor: 1, expr: '=' }] }, 'unknown_column', "no column 'constructor'"],
    [
      { conditions: [JSON.parse('{"__proto__": 1, "expr": "="}')] },
      'unknown_column',
      "no column '__proto__'",
    ],
    [{ conditions: [{ pid: 1, expr: '==' }] }, 'unknown_operator', "no operator '=='"],
    [{ conditions: [{ pid: 1, expr: 'CONTAINS' }] }, 'unknown_operator', "no operator 'CONTAINS'"],
    [{ conditions: [{ pid: 1, expr: 'contains' }] }, 'unknown_operator', "'contains' compares text"],
    [{ conditions: [{ time: '1', expr: '~' }] }, 'unknown_operator', "'~' compares text"],
    [{ conditions: [{ pid: 'dd', expr: '=' }] }, 'bad_value', "'dd'"],
    [{ conditions: [{ pid: true, expr: '=' }] }, 'bad_value', 'compares with a number, not true'],
    [{ conditions: [{ pid: null, expr: '<' }] }, 'bad_value', 'not null'],
    [{ conditions: [{ pid: [1], expr: '=' }] }, 'bad_value', 'not [1]'],
    [{ conditions: [{ pid: { x: 1 }, expr: '=' }] }, 'bad_value', 'not {"x":1}'],
    [
      { conditions: [JSON.parse('{"pid": 1e999, "expr": "<"}')] },
      'bad_value',
      'not a number that can be stored',
    ],
    [{ conditions: [{ process: 5, expr: '=' }] }, 'bad_value', 'compares with a string, not 5'],
    [{ conditions: [{ process: '\ud800', expr: '=' }] }, 'bad_value', 'surrogate'],
    [{ conditions: [{ time: 5, expr: '<' }] }, 'bad_value', 'compares with a timestamp, not 5'],
    [{ conditions: [{ time: 'noon', expr: '<' }] }, 'bad_value', "'noon' is not a timestamp"],
    [{ conditions: [{ pid: 5, expr: 'in' }] }, 'bad_query', 'needs an array'],
    [{ conditions: [{ pid: [], expr: 'in' }] }, 'bad_query', 'needs an array'],
    [{ conditions: [{ pid: [null], expr: 'in' }] }, 'bad_value', 'not null'],
    [{ conditions: [{ pid: ['x'], expr: 'not in' }] }, 'bad_value', "'x'"],
    [{ conditions: [{ pid: 5, expr: 'is null' }] }, 'bad_query', 'write null with "="'],
    [{ conditions: [{ pid: 1, oper: 'and', conditions: [] }] }, 'bad_query', "no key 'pid'"],
  ])('%j', (query, code, says) => {
    expectProblem(
      problemOf(() => parse(query)),
      code as 'bad_query',
      says,
    );
  });

  test('groups that are nested too deep for any question', () => {
    let group: object = { conditions: [{ pid: 1, expr: '=' }] };
    for (let depth = 0; depth < 10_000; depth++) group = { conditions: [group] };
    expectProblem(
      problemOf(() => parse(group)),
      'bad_query',
      'nested more than 100 deep',
    );
  });

  test('more comparisons than any question has', () => {
    const conditions = new Array(20_000).fill({ pid: 1, expr: '=' });
    expectProblem(
      problemOf(() => parse({ oper: 'or', conditions })),
      'bad_query',
      'more than 10,000 comparisons',
    );
  });
});

test('a sort key that descends begins with a minus', () => {
  expect(parseSortKey('-elapsed', offcputime)).toEqual({ column: 'elapsed', descending: true });
  expect(parseSortKey('elapsed', offcputime)).toEqual({ column: 'elapsed', descending: false });
  expectProblem(
    problemOf(() => parseSortKey('--elapsed', offcputime)),
    'unknown_column',
    "'-elapsed'",
  );
});
