import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { parseGrowth, parseLimit, parseSingleAggregate } from '../../../src/core/query/parse-limit.ts';
import { problemOf } from '../../support/problem.ts';

const limit = (text: string) => parseLimit(text, offcputime, 0);

test('a limit is an aggregate, a comparison, and an amount in its unit', () => {
  expect(limit('p99(elapsed) <= 5ms')).toEqual({
    aggregate: { kind: 'percentile', name: 'p99(elapsed)', column: 'elapsed', percent: 99 },
    operator: '<=',
    value: 5e6,
  });
  expect(limit('count=0')).toMatchObject({ aggregate: { kind: 'count' }, operator: '=', value: 0 });
  expect(limit(' sum(elapsed)  >  1.5s ')).toMatchObject({ operator: '>', value: 1.5e9 });
  expect(limit('avg(pid) != 7')).toMatchObject({ operator: '!=', value: 7 });
});

test('what is no limit is told', () => {
  for (const text of ['p99(elapsed)', '<= 5ms', 'count ~ 5', 'count == 5', ''])
    expect(problemOf(() => limit(text)).code, text).toBe('bad_query');
  expect(problemOf(() => limit('p99(elapsd) < 5ms')).code).toBe('unknown_column');
  expect(problemOf(() => limit('p99(elapsed) < soon')).code).toBe('bad_value');
  for (const text of ['hist(elapsed) < 5', 'max(time) < 5'])
    expect(problemOf(() => limit(text)).code, text).toBe('bad_query');
});

test('growth is a part or an amount', () => {
  const aggregate = parseSingleAggregate('sum(elapsed)', offcputime);
  const growth = (text: string) => parseGrowth(text, aggregate, offcputime, 0);
  expect(growth('10%')).toEqual({ kind: 'relative', share: 0.1 });
  expect(growth('.5 %')).toEqual({ kind: 'relative', share: 0.005 });
  expect(growth('2ms')).toEqual({ kind: 'absolute', amount: 2e6 });
  for (const text of ['-2ms', 'ten', '%']) expect(problemOf(() => growth(text)).code, text).toBe('bad_value');
});
