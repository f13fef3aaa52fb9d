import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { parseWhere } from '../../../src/core/query/parse-where.ts';
import { printWhere } from '../../../src/core/query/print-where.ts';
import { awkward } from '../../support/sample-categories.ts';

const nowUs = Date.UTC(2024, 5, 1, 12) * 1000;

test.each([
  ['pid=5', 'pid = 5'],
  ['elapsed>5ms', 'elapsed > 5000000'],
  ['process="dd"', 'process = dd'],
  ["process = 'a b'", "process = 'a b'"],
  [String.raw`process = "it's \ x"`, String.raw`process = 'it\'s \\ x'`],
  ["process = ''", "process = ''"],
  ["process = 'AND'", "process = 'AND'"],
  ['time > 2016-10-24 17:12', 'time > 2016-10-24T17:12:00.000000Z'],
  ['time > -2h', 'time > 2024-06-01T10:00:00.000000Z'],
  ['not (pid in (1, 2) or process contains x)', 'pid not in (1, 2) and process not contains x'],
  ['pid=1 or pid=2 and (pid=3 or pid=4)', 'pid = 1 or (pid = 2 and (pid = 3 or pid = 4))'],
  ["'labels.a b' is not null", "'labels.a b' is not null"],
])('%s', (source, printed) => {
  expect(printWhere(parseWhere(source, offcputime, nowUs), offcputime)).toBe(printed);
});

test('columns that are called like grammar are quoted', () => {
  expect(printWhere(parseWhere("'and' = 5s", awkward, nowUs), awkward)).toBe("'and' = 5");
});

test('the condition that always holds is no clause, and the one that never does contradicts itself', () => {
  expect(printWhere(always, offcputime)).toBe('');
  const never = printWhere({ kind: 'or', conditions: [] }, offcputime);
  expect(parseWhere(never, offcputime, nowUs)).toMatchObject({ kind: 'and', conditions: { length: 2 } });
});
