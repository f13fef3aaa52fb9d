import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { checkConditionPatterns, checkPatterns } from '../../../src/core/query/check-patterns.ts';
import { parseWhere } from '../../../src/core/query/parse-where.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';

describe('regular expressions of a clause', () => {
  test.each([
    [undefined],
    [''],
    ['pid = 1'],
    ["process ~ '^d' and stack !~ 'x{2}|\\d+'"],
    ["process = '~(' or process in ('~', '(')"],
  ])('%j are all right', async (clause) => {
    await checkPatterns(clause);
  });

  test.each([
    ["process = nonesuch and stack ~ '('", 31],
    ["pid = 1 or not (process !~ '[z' or pid = 2)", 27],
    ['process ~ *', 10],
  ])('%j is refused with a caret below it', async (clause, place) => {
    const problem = await problemOfAsync(checkPatterns(clause));
    expectProblem(problem, 'bad_value', 'is not a regular expression');
    expect(problem.message.split('\n').slice(-2)).toEqual([clause, `${' '.repeat(place)}^`]);
  });

  test('are checked in a condition wherever they stand', async () => {
    const read = (clause: string) => parseWhere(clause, offcputime, 0);
    await checkConditionPatterns(read("process ~ a and (pid = 1 or stack !~ '^b')"));
    const problem = await problemOfAsync(
      checkConditionPatterns(read("pid = 1 and (pid = 2 or not stack !~ '(b')")),
    );
    expectProblem(problem, 'bad_value', "'(b' is not a regular expression");
  });
});
