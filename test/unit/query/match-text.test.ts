import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Comparison, Operator } from '../../../src/core/query/condition.ts';
import { compareText, matchText } from '../../../src/core/query/match-text.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';

function compare(operator: Operator, value: Comparison['value']): Comparison {
  return { kind: 'compare', field: 'process', operator, value };
}

describe('matchText', () => {
  test.each<[Operator, Comparison['value'], readonly string[], readonly string[]]>([
    ['=', 'dd', ['dd'], ['DD', 'dd ', '', 'ddd']],
    ['!=', 'dd', ['DD', 'dd ', ''], ['dd']],
    ['<', 'b', ['a', '', 'B'], ['b', 'ba', 'c']],
    ['<=', 'b', ['a', 'b'], ['ba', 'c']],
    ['>', 'b', ['ba', 'c', 'é'], ['b', 'a', 'B']],
    ['>=', 'b', ['b', 'ba'], ['a']],
    ['contains', '%', ['50%'], ['50', '']],
    ['contains', '_', ['a_b'], ['ab', 'a.b']],
    ['contains', '', ['', 'a'], []],
    ['contains', 'BTR', ['xBTRy'], ['btr']],
    ['not contains', '\\', ['a/b'], ['a\\b']],
    ['in', ['a', 'b'], ['a', 'b'], ['c', 'A', '']],
    ['not in', ['a', 'b'], ['c', 'A', ''], ['a', 'b']],
    ['~', '^kworker/[0-9]', ['kworker/0:1'], ['a kworker/0', 'kworker/u']],
    ['~', '(?i)BTRFS', ['xbtrfsy'], ['xfs']],
    ['~', '\\d+', ['a1'], ['a']],
    ['~', '.', ['\u{1f600}', 'x'], ['', '\n']],
    ['!~', '^a', ['b', ''], ['a']],
    ['is not null', null, ['', 'a'], []],
  ])('%s %j', async (operator, value, yes, no) => {
    const matches = await matchText(compare(operator, value));
    expect(yes.filter((text) => !matches(text))).toEqual([]);
    expect(no.filter((text) => matches(text))).toEqual([]);
    expect(matches(null)).toBe(false);
  });

  test('absent text is null and nothing else', async () => {
    const matches = await matchText(compare('is null', null));
    expect(matches(null)).toBe(true);
    expect(matches('')).toBe(false);
  });

  test.each(['(', '[a', '*', '(?<=a)b', '(a)\\1', 'x{1001}', '((a{100}){100}){100}', '\\'])(
    '%s is refused as a regular expression',
    async (source) => {
      const problem = await problemOfAsync(matchText(compare('~', source)));
      expectProblem(problem, 'bad_value', `'${source}' is not a regular expression`);
      expect(problem.suggestions[0]).toContain('RE2');
    },
  );

  test('a pattern that makes other engines hang takes linear time', async () => {
    const matches = await matchText(compare('~', '^(a+)+$'));
    expect(matches(`${'a'.repeat(20_000)}!`)).toBe(false);
  });
});

test('text compares as SQLite compares it', () => {
  const words = [
    '',
    'a',
    'A',
    'aa',
    'b',
    'é',
    'e\u0301',
    '漢',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
    '\u{10ffff}',
    'a\u{1f600}',
    'a\uffff',
    ' ',
    '%',
    '_',
  ];
  const database = new Database(':memory:');
  const less = database.prepare('SELECT ? < ?').pluck();
  for (const a of words)
    for (const b of words) {
      expect([a, b, compareText(a, b) < 0]).toEqual([a, b, less.get(a, b) === 1]);
      expect(Math.sign(compareText(a, b))).toBe(0 - Math.sign(compareText(b, a)));
    }
  database.close();
});
