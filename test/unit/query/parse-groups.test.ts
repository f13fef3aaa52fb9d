import { describe, expect, test } from 'vitest';
import type { Category } from '../../../src/core/category/define-category.ts';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { answerColumns } from '../../../src/core/query/answer-columns.ts';
import { makeGroupQuery } from '../../../src/core/query/make-group-query.ts';
import { parseAggregate, parseGroupKey, parseGroupSort } from '../../../src/core/query/parse-groups.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { awkward, everything } from '../../support/sample-categories.ts';

const always = { kind: 'and', conditions: [] } as const;

describe('what to group by', () => {
  test.each<[string, Category, object]>([
    ['process', offcputime, { kind: 'column', column: 'process' }],
    ['hostname', offcputime, { kind: 'column', column: 'hostname' }],
    ['time:1m', offcputime, { kind: 'bucket', name: 'time', column: 'time', widthUs: 60e6 }],
    ['time:15', offcputime, { kind: 'bucket', widthUs: 15e6 }],
    ['started:500ms', everything, { kind: 'bucket', name: 'started', column: 'started', widthUs: 500_000 }],
    ['labels.kernel', offcputime, { kind: 'label', name: 'labels.kernel', key: 'kernel' }],
    ['labels.a b', offcputime, { kind: 'label', key: 'a b' }],
    ['leaf', offcputime, { kind: 'frame', name: 'leaf', column: 'stack', frame: -1 }],
    ['root', everything, { kind: 'frame', column: 'trace', frame: 1 }],
    ['leaf:waker', everything, { kind: 'frame', name: 'leaf:waker', column: 'waker', frame: -1 }],
    ['wchan', offcputime, { kind: 'frame', name: 'wchan', column: 'stack', frame: 'wchan' }],
    ['wchan:waker', everything, { kind: 'frame', column: 'waker', frame: 'wchan' }],
    ['frame:2', awkward, { kind: 'frame', name: 'frame:2', column: 'order', frame: 2 }],
    ['frame:-3:waker', everything, { kind: 'frame', column: 'waker', frame: -3 }],
  ])('%s', (text, category, key) => {
    expect(parseGroupKey(text, category)).toMatchObject(key);
  });

  test('a column of that name comes first', () => {
    const category = defineCategory({
      name: 'odd',
      prettyName: 'Odd',
      columns: [
        { name: 'leaf', type: 'string', prettyName: 'Leaf' },
        { name: 'stack', type: 'stack', prettyName: 'Stack' },
      ],
    });
    expect(parseGroupKey('leaf', category)).toEqual({ kind: 'column', name: 'leaf', column: 'leaf' });
    expect(parseGroupKey('leaf:stack', category)).toMatchObject({ kind: 'frame' });
  });

  test.each<[string, Category, string, string]>([
    ['proces', offcputime, 'unknown_column', "'proces'"],
    ['labels.', offcputime, 'unknown_column', "'labels.'"],
    ['elapsed:1ms', offcputime, 'bad_query', 'only timestamps'],
    ['time:soon', offcputime, 'bad_value', "'soon'"],
    ['time:0s', offcputime, 'bad_query', "'0s'"],
    ['time:-1m', offcputime, 'bad_query', "'-1m'"],
    ['time:1ns', offcputime, 'bad_query', "'1ns'"],
    ['frame:0', offcputime, 'bad_query', 'frame:1 is the root'],
    ['frame:x', offcputime, 'bad_query', 'names no frame'],
    ['frame', offcputime, 'unknown_column', "'frame'"],
    ['leaf:process', offcputime, 'bad_query', 'only a stack has frames'],
    ['leaf:nonesuch', offcputime, 'unknown_column', "'nonesuch'"],
    [
      'leaf',
      defineCategory({ name: 'x', prettyName: 'X', columns: [{ name: 'n', type: 'int', prettyName: 'N' }] }),
      'bad_query',
      'no stack column',
    ],
  ])('%s is refused', (text, category, code, says) => {
    const problem = problemOf(() => parseGroupKey(text, category));
    expectProblem(problem, code as 'bad_query');
    expect([problem.message, ...problem.suggestions].join('\n')).toContain(says);
  });
});

describe('what to work out', () => {
  test.each<[string, object]>([
    ['count', { kind: 'count', name: 'count' }],
    ['count()', { kind: 'count', name: 'count()' }],
    ['sum(elapsed)', { kind: 'sum', name: 'sum(elapsed)', column: 'elapsed' }],
    ['sum( elapsed )', { kind: 'sum', name: 'sum(elapsed)' }],
    ['max(time)', { kind: 'max', column: 'time' }],
    ['hist(pid)', { kind: 'hist', column: 'pid' }],
    ['p50(elapsed)', { kind: 'percentile', percent: 50 }],
    ['p99.9(elapsed)', { kind: 'percentile', name: 'p99.9(elapsed)', percent: 99.9 }],
    ['p0(pid)', { kind: 'percentile', percent: 0 }],
    ['p100.000(pid)', { kind: 'percentile', name: 'p100(pid)', percent: 100 }],
  ])('%s', (text, aggregate) => {
    expect(parseAggregate(text, offcputime)).toMatchObject(aggregate);
  });

  test.each<[string, string, string]>([
    ['median(elapsed)', 'bad_query', 'p50(x)'],
    ['sum', 'bad_query', "called 'sum'"],
    ['sum()', 'bad_query', "called 'sum()'"],
    ['count(pid)', 'bad_query', "called 'count(pid)'"],
    ['sum(nonesuch)', 'unknown_column', "'nonesuch'"],
    ['sum(process)', 'bad_query', 'needs a number'],
    ['avg(time)', 'bad_query', 'needs a number'],
    ['p101(pid)', 'bad_query', 'from p0 to p100'],
    ['p99.9999(pid)', 'bad_query', 'from p0 to p100'],
    ['p(pid)', 'bad_query', "called 'p(pid)'"],
  ])('%s is refused', (text, code, says) => {
    const problem = problemOf(() => parseAggregate(text, offcputime));
    expectProblem(problem, code as 'bad_query');
    expect([problem.message, ...problem.suggestions].join('\n')).toContain(says);
  });
});

describe('the answer', () => {
  const make = (groupBy: readonly string[], aggregates: readonly string[], sort?: readonly string[]) =>
    makeGroupQuery({ groupBy, aggregates, sort }, offcputime, always);

  test('has the keys, then what was worked out, each with its type and unit', () => {
    const query = make(
      ['process', 'time:1m', 'leaf', 'labels.run'],
      ['count', 'sum(elapsed)', 'avg(pid)', 'max(pid)', 'min(time)', 'hist(elapsed)'],
    );
    expect(answerColumns(query).map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ['process', 'string', undefined],
      ['time', 'timestamp', undefined],
      ['leaf', 'string', undefined],
      ['labels.run', 'string', undefined],
      ['count', 'count', undefined],
      ['sum(elapsed)', 'elapsed', 'ns'],
      ['avg(pid)', 'count', undefined],
      ['max(pid)', 'int', undefined],
      ['min(time)', 'timestamp', undefined],
      ['hist(elapsed)', 'histogram', 'ns'],
    ]);
  });

  test('comes by time where it is of times, else with the most first', () => {
    expect(make(['process'], ['hist(pid)', 'sum(elapsed)']).sort).toEqual([
      { by: 'aggregate', place: 1, descending: true },
    ]);
    expect(make(['process', 'time:1h'], ['count']).sort).toEqual([]);
    expect(make(['process'], ['hist(pid)']).sort).toEqual([]);
  });

  test('is sorted by what it has, in either way of writing a bucket', () => {
    expect(make(['time:1h'], ['count'], ['-time:1h']).sort).toEqual([
      { by: 'key', place: 0, descending: true },
    ]);
    const { keys, aggregates } = make(['process'], ['count', 'hist(pid)']);
    expectProblem(
      problemOf(() => parseGroupSort('hist(pid)', keys, aggregates)),
      'bad_query',
      'no order',
    );
    expectProblem(
      problemOf(() => parseGroupSort('-cuont', keys, aggregates)),
      'bad_query',
      "'cuont'",
    );
  });

  test('cannot have two columns of one name', () => {
    expectProblem(
      problemOf(() => make(['count'], ['count'])),
      'bad_query',
      "two columns 'count'",
    );
    expectProblem(
      problemOf(() => make(['time', 'time:1m'], [])),
      'bad_query',
      "two columns 'time'",
    );
  });
});
