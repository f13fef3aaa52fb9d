import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import type { Comparison, Condition, Operator } from '../../../src/core/query/condition.ts';
import { parseWhere } from '../../../src/core/query/parse-where.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';
import { awkward, everything } from '../../support/sample-categories.ts';

const nowUs = Date.UTC(2024, 5, 1, 12) * 1000;

function parse(source: string, category: Parameters<typeof parseWhere>[1] = offcputime): Condition {
  return parseWhere(source, category, nowUs);
}

function compare(field: string, operator: Operator, value: Comparison['value']): Comparison {
  return { kind: 'compare', field, operator, value };
}

function and(...conditions: Condition[]): Condition {
  return { kind: 'and', conditions };
}

function or(...conditions: Condition[]): Condition {
  return { kind: 'or', conditions };
}

const pid = (value: number) => compare('pid', '=', value);

describe('one comparison', () => {
  test.each<[string, Condition]>([
    ['pid = 5', pid(5)],
    ['pid=5', pid(5)],
    ['  pid\t=\n5  ', pid(5)],
    ['pid != 5', compare('pid', '!=', 5)],
    ['pid<5', compare('pid', '<', 5)],
    ['pid <= 5', compare('pid', '<=', 5)],
    ['pid > -5', compare('pid', '>', -5)],
    ['pid >= 5', compare('pid', '>=', 5)],
    ['process contains db', compare('process', 'contains', 'db')],
    ['process CONTAINS db', compare('process', 'contains', 'db')],
    ['process not contains db', compare('process', 'not contains', 'db')],
    ['process ~ ^kworker', compare('process', '~', '^kworker')],
    ['process !~ ^kworker', compare('process', '!~', '^kworker')],
    ['process in (dd)', compare('process', 'in', ['dd'])],
    ['process in (dd, fio ,cp)', compare('process', 'in', ['dd', 'fio', 'cp'])],
    ['pid not in (1,2)', compare('pid', 'not in', [1, 2])],
    ['process is null', compare('process', 'is null', null)],
    ['process IS NOT NULL', compare('process', 'is not null', null)],
    ['labels.kernel = v6.12', compare('labels.kernel', '=', 'v6.12')],
    ["'labels.with space' = x", compare('labels.with space', '=', 'x')],
    ['hostname = db1', compare('hostname', '=', 'db1')],
  ])('%s', (source, condition) => {
    expect(parse(source)).toEqual(condition);
  });
});

describe('text', () => {
  test.each([
    ['process = dd', 'dd'],
    ["process = 'dd'", 'dd'],
    ['process = "dd"', 'dd'],
    ["process = ''", ''],
    ["process = 'a b'", 'a b'],
    ["process = 'and'", 'and'],
    ["process = 'it''", undefined],
    [`process = "it's"`, "it's"],
    [`process = 'say "x"'`, 'say "x"'],
    [String.raw`process = 'it\'s'`, "it's"],
    [String.raw`process = "a\"b"`, 'a"b'],
    [String.raw`process = 'a\\b'`, 'a\\b'],
    [String.raw`process = '\d+'`, '\\d+'],
    [String.raw`process = \d+`, '\\d+'],
    ["process = 'a\nb'", 'a\nb'],
    ['process = sys_write;btrfs[k]/0:1-%@', 'sys_write;btrfs[k]/0:1-%@'],
    ['process = 5', '5'],
    ['process = größe漢\u{1f600}', 'größe漢\u{1f600}'],
    ['process = AND', 'AND'],
    ['process = null', 'null'],
  ])('%s', (source, value) => {
    if (value === undefined)
      expectProblem(
        problemOf(() => parse(source)),
        'bad_query',
        'not closed',
      );
    else expect(parse(source)).toEqual(compare('process', '=', value));
  });
});

describe('literals with units', () => {
  test.each<[string, Parameters<typeof parseWhere>[1], number]>([
    ['elapsed = 5ms', offcputime, 5_000_000],
    ['elapsed = 5000', offcputime, 5000],
    ['elapsed = 1.5us', offcputime, 1500],
    ['elapsed = "2 h"', offcputime, 7.2e12],
    ['elapsed = 2 h', offcputime, 7.2e12],
    ['size = 10 MB', everything, 10_000_000],
    ['latency = 5ms', everything, 5000],
    ['latency = 500ns', everything, 0.5],
    ['wait = 1s', everything, 1000],
    ['and = 1m', awkward, 60],
    ['size = 10MB', everything, 10_000_000],
    ['size = 4KiB', everything, 4096],
    ['size = -3', everything, -3],
  ])('%s', (source, category, value) => {
    const quoted = source.replace(/^and/, "'and'");
    expect(parse(quoted, category)).toMatchObject({ operator: '=', value });
  });

  test.each([
    ['time > 2016-10-24', Date.UTC(2016, 9, 24)],
    ['time > 2016-10-24 17:12', Date.UTC(2016, 9, 24, 17, 12)],
    ['time > 2016-10-24 17:12:43.5', Date.UTC(2016, 9, 24, 17, 12, 43, 500)],
    ["time > '2016-10-24 17:12'", Date.UTC(2016, 9, 24, 17, 12)],
    ['time > 2016-10-24T17:12:43Z', Date.UTC(2016, 9, 24, 17, 12, 43)],
    ['time > 2016-10-24T17:12:43+02:00', Date.UTC(2016, 9, 24, 15, 12, 43)],
    ['time > now', Date.UTC(2024, 5, 1, 12)],
    ['time > -2h', Date.UTC(2024, 5, 1, 10)],
    ['time > 2h', Date.UTC(2024, 5, 1, 10)],
    ['time > +2h', Date.UTC(2024, 5, 1, 14)],
    ['time > 1.5d', Date.UTC(2024, 4, 31)],
  ])('%s', (source, ms) => {
    expect(parse(source)).toEqual(compare('time', '>', ms * 1000));
  });

  test('a time of day belongs to the date before it, in a list as well', () => {
    expect(parse('time in (2016-10-24 17:12, 2016-10-25) and pid = 1')).toEqual(
      and(
        compare('time', 'in', [Date.UTC(2016, 9, 24, 17, 12) * 1000, Date.UTC(2016, 9, 25) * 1000]),
        pid(1),
      ),
    );
  });
});

describe('grammar', () => {
  test.each<[string, Condition]>([
    ['pid=1 and pid=2', and(pid(1), pid(2))],
    ['pid=1 or pid=2', or(pid(1), pid(2))],
    ['pid=1 AND pid=2 Or pid=3', or(and(pid(1), pid(2)), pid(3))],
    ['pid=1 or pid=2 and pid=3', or(pid(1), and(pid(2), pid(3)))],
    ['(pid=1 or pid=2) and pid=3', and(or(pid(1), pid(2)), pid(3))],
    ['pid=1 and (pid=2 and pid=3)', and(pid(1), pid(2), pid(3))],
    ['(((pid=1)))', pid(1)],
    ['(pid=1)and(pid=2)', and(pid(1), pid(2))],
    ['not pid=1', compare('pid', '!=', 1)],
    ['not not pid=1', pid(1)],
    ['not pid=1 and pid=2', and(compare('pid', '!=', 1), pid(2))],
    ['not (pid=1 and pid<2)', or(compare('pid', '!=', 1), compare('pid', '>=', 2))],
    ['not (pid>1 or pid<=2)', and(compare('pid', '<=', 1), compare('pid', '>', 2))],
    ['not process contains x', compare('process', 'not contains', 'x')],
    ['not process not in (a)', compare('process', 'in', ['a'])],
    ['not process ~ x', compare('process', '!~', 'x')],
    ['not process is null', compare('process', 'is not null', null)],
    [
      'elapsed > 5ms and (stack contains btrfs or not process in (dd, fio))',
      and(
        compare('elapsed', '>', 5_000_000),
        or(compare('stack', 'contains', 'btrfs'), compare('process', 'not in', ['dd', 'fio'])),
      ),
    ],
  ])('%s', (source, condition) => {
    expect(parse(source)).toEqual(condition);
  });

  test('quoted words are names and values, never grammar', () => {
    const source = "'and' > 5s and 'select' in (1) or 'b' = 2 and 'order' = 'or'";
    expect(parse(source, awkward)).toEqual(
      or(
        and(compare('and', '>', 5), compare('select', 'in', [1])),
        and(compare('b', '=', 2), compare('order', '=', 'or')),
      ),
    );
  });

  test('nesting has a limit, and what is below it is read', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}pid=1${')'.repeat(depth)}`;
    expect(parse(nested(99))).toEqual(pid(1));
    expectProblem(
      problemOf(() => parse(nested(5000))),
      'bad_query',
      '100 levels',
    );
    expectProblem(
      problemOf(() => parse(`${'not '.repeat(5000)}pid=1`)),
      'bad_query',
      '100 levels',
    );
  });

  test('so has length, but lists may be longer', () => {
    const clause = (length: number) => new Array(length).fill('pid=1').join(' or ');
    expect(parse(clause(10_000))).toMatchObject({ kind: 'or', conditions: { length: 10_000 } });
    expectProblem(
      problemOf(() => parse(clause(10_001))),
      'bad_query',
      'more than 10,000 comparisons',
    );
    const list = Array.from({ length: 20_000 }, (_, at) => at);
    expect(parse(`pid in (${list.join(',')})`)).toEqual(compare('pid', 'in', list));
  });
});

describe('what is wrong is pointed at', () => {
  test.each([
    ['', 'bad_query', 'expected a column', '^'],
    ['   ', 'bad_query', 'expected a column', '   ^'],
    ['pid', 'bad_query', "expected an operator after 'pid'", '   ^'],
    ['pid =', 'bad_query', "expected a value after '='", '     ^'],
    ['pid = 1 and', 'bad_query', 'expected a column, and the clause ends', '           ^'],
    ['pid = 1 pid = 2', 'bad_query', "expected 'and', 'or' or the end, and there is 'pid'", '        ^'],
    ['(pid = 1', 'bad_query', "expected ')'", '        ^'],
    ['pid = 1)', 'bad_query', "expected 'and', 'or' or the end", '       ^'],
    ['pid in 1', 'bad_query', "expected '(' and a list after 'in'", '       ^'],
    ['pid in ()', 'bad_query', "expected a value after 'in'", '        ^'],
    ['pid in (1,)', 'bad_query', "expected a value after 'in'", '          ^'],
    ['pid in (1 2)', 'bad_query', "expected ',' or ')'", '          ^'],
    ['pid is 5', 'bad_query', "expected 'null'", '       ^'],
    ['process not', 'bad_query', "expected 'in' or 'contains' after 'not'", '           ^'],
    ['= 5', 'bad_query', 'expected a column', '^'],
    ["process = 'dd", 'bad_query', "the quote ' is not closed", '          ^'],
    ['proces = dd', 'unknown_column', "no column 'proces'", '^'],
    ['pid = 1 and elpased > 5', 'unknown_column', "no column 'elpased'", '            ^'],
    ['labels. = x', 'unknown_column', "no column 'labels.'", '^'],
    ['__proto__ = 5', 'unknown_column', "no column '__proto__'", '^'],
    ['pid == 5', 'unknown_operator', "no operator '=='", '    ^'],
    ['pid like 5', 'unknown_operator', "no operator 'like'", '    ^'],
    ['pid constructor 5', 'unknown_operator', "no operator 'constructor'", '    ^'],
    ['process not like x', 'unknown_operator', "no operator 'not like'", '        ^'],
    ['pid contains 5', 'unknown_operator', "'contains' compares text", '    ^'],
    ['elapsed ~ 5', 'unknown_operator', "'~' compares text", '        ^'],
    ['pid = dd', 'bad_value', "'dd' is not a number", '      ^'],
    ['pid = 5XB', 'bad_value', "'5XB' is not a size", '      ^'],
    ['pid = 5 ms', 'bad_query', "and there is 'ms'", '        ^'],
    ['elapsed = 5 ms ms', 'bad_query', "and there is 'ms'", '               ^'],
    ['elapsed > 5parsecs', 'bad_value', "'5parsecs' is not a duration", '          ^'],
    ['time > yesterday', 'bad_value', "'yesterday' is not a timestamp", '       ^'],
    ['time > 99999999w', 'bad_value', "'99999999w'", '       ^'],
    ['process = \u{1f600} and pid = x', 'bad_value', "'x'", '                       ^'],
  ] as const)('%s', (source, code, says, caret) => {
    const problem = problemOf(() => parse(source));
    expectProblem(problem, code, says);
    expect(problem.message.split('\n').slice(-2)).toEqual([source, caret]);
  });

  test('how times are written is said, from now on too', () => {
    expect(problemOf(() => parse('time > yesterday')).suggestions).toEqual([
      'write it like 2016-10-24 17:12:43.288693 (UTC) or 2016-10-24T17:12:43Z',
      'or from now on back: 2h',
    ]);
  });

  test('the nearest column or operator is named', () => {
    expect(problemOf(() => parse('elpased > 5')).suggestions[0]).toBe("did you mean 'elapsed'?");
    expect(problemOf(() => parse('pid == 5')).suggestions[0]).toBe("did you mean '='?");
    expect(problemOf(() => parse('process like x')).suggestions[0]).toBe("did you mean 'contains'?");
    expect(problemOf(() => parse('process contians x')).suggestions[0]).toBe("did you mean 'contains'?");
    expect(problemOf(() => parse('pid constructor x')).suggestions.join()).not.toContain('function');
  });

  test('control characters of the clause do not reach the terminal, and the caret still points', () => {
    const problem = problemOf(() => parse('process = "\u001b[31m" and x = 1'));
    const [, shown, caret] = problem.message.split('\n');
    expect(shown).toBe('process = "\\x1b[31m" and x = 1');
    expect(caret!.indexOf('^')).toBe(shown!.indexOf(' x ') + 1);
  });

  test('half of a surrogate pair is no text that could be stored', () => {
    expectProblem(
      problemOf(() => parse('process = "\ud800"')),
      'bad_value',
      'surrogate',
    );
  });
});
