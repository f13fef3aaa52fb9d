import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type RecordFormatName, recordFormats } from '../../../../src/core/import/records/index.ts';
import { compilePattern } from '../../../../src/core/import/records/lines.ts';
import { expectProblem, problemOf, problemOfAsync } from '../../../support/problem.ts';
import { recordsOf } from './read-records.ts';

const fixture = readFileSync(
  new URL('../../../fixtures/records/samples-0.17.bpftrace.json', import.meta.url),
  'utf8',
);

describe('a format is told from the beginning', () => {
  test.each<[RecordFormatName, string]>([
    ['bpftrace', fixture],
    ['ndjson', '{"a": 1}\n'],
    ['ndjson', '\n  {"type": "x"}\n'],
    ['folded', 'a;b;c 12\n'],
    ['csv', 'process,latency\ndd,1\n'],
    ['tsv', 'process\tlatency\ndd\t1\n'],
  ])('%s', (name, head) => {
    const names = Object.keys(recordFormats) as RecordFormatName[];
    expect(names.find((each) => recordFormats[each].recognizes(head))).toBe(name);
  });
});

describe('NDJSON', () => {
  test('gives the objects, and the lines that are none', async () => {
    expect(await recordsOf('ndjson', '{"a":"é"}\r\n\n[1]\n{"b":\n7\n{"c":null}')).toEqual([
      { line: 1, fields: { a: 'é' } },
      { line: 3, problem: 'it is JSON, but no object' },
      { line: 4, problem: expect.stringContaining('it is no JSON') },
      { line: 5, problem: 'it is JSON, but no object' },
      { line: 6, fields: { c: null } },
    ]);
  });
});

describe('folded stacks', () => {
  test('give stack and count, 1 where there is none', async () => {
    expect(await recordsOf('folded', '# by perf\na;b c 12\n\na;d\n7\n8 9')).toEqual([
      { line: 2, fields: { stack: 'a;b c', count: 12, value: 12 } },
      { line: 4, fields: { stack: 'a;d', count: 1, value: 1 } },
      { line: 5, problem: 'it is a number without a stack' },
      { line: 6, problem: 'it is a number without a stack' },
    ]);
  });
});

describe('CSV', () => {
  test('takes quotes, line breaks inside of them, CRLF and a byte order mark', async () => {
    const text = '\ufeffname, note\r\ndd,"a ""b"", c"\r\n"two\nlines",\r\n\r\nlast,é';
    expect(await recordsOf('csv', text)).toEqual([
      { line: 2, fields: { name: 'dd', note: 'a "b", c' } },
      { line: 4, fields: { name: 'two\nlines', note: '' } },
      { line: 6, fields: { name: 'last', note: 'é' } },
    ]);
  });

  test('names the line of a record that has not as many fields as the first, and goes on', async () => {
    const items = (await recordsOf('csv', 'a,b\n1,2\n3\n4,5\n')) as readonly { readonly line: number }[];
    expect(items.toSorted((a, b) => a.line - b.line)).toEqual([
      { line: 2, fields: { a: '1', b: '2' } },
      { line: 3, problem: expect.stringContaining('got 1') },
      { line: 4, fields: { a: '4', b: '5' } },
    ]);
  });

  test('with tabs', async () => {
    expect(await recordsOf('tsv', 'a\tb\n1,5\t2\n')).toEqual([{ line: 2, fields: { a: '1,5', b: '2' } }]);
  });
});

describe('lines of text', () => {
  test('give the named groups of the pattern', async () => {
    const pattern = '^(?P<process>\\S+) took (?<latency>\\d+)(?: on (?<cpu>\\d+))?';
    expect(await recordsOf('lines', 'dd took 5 us\nfio took 7 on 3\n\nnonsense\n', { pattern })).toEqual([
      { line: 1, fields: { process: 'dd', latency: '5' } },
      { line: 2, fields: { process: 'fio', latency: '7', cpu: '3' } },
      { line: 4, problem: "the pattern does not match 'nonsense'" },
    ]);
  });

  test('need a pattern that can be read and names something', async () => {
    expectProblem(await problemOfAsync(recordsOf('lines', 'a')), 'usage', 'need a pattern');
    expectProblem(
      problemOf(() => compilePattern('(')),
      'usage',
      'cannot be read',
    );
    expectProblem(
      problemOf(() => compilePattern('(a)')),
      'usage',
      'names no field',
    );
  });
});

describe('bpftrace', () => {
  const map = (data: string, type = 'map') => `{"type": "${type}", "data": {${data}}}`;

  test('what 0.17 printed of dd: samples by name and stack, those of one stack put together', async () => {
    const items = await recordsOf('bpftrace', fixture);
    const records = items.map((item) => ('fields' in item ? item.fields : {}));
    expect(new Set(records.map(({ key1 }) => key1))).toEqual(new Set(['dd']));
    const stacks = records.map(({ stack }) => stack as string);
    expect(new Set(stacks).size).toBe(stacks.length);
    expect(stacks).toContain('');
    expect(stacks).toContain('entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero');
    const samples = [...fixture.matchAll(/": (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    // All numbers of it but the number of probes.
    expect(records.reduce((sum, { value }) => sum + Number(value), 0)).toBe(samples - 1);
  });

  test('keys as 0.25 prints them: no blanks, brackets or offsets of older ones', async () => {
    const text = map(
      String.raw`"@": {"dd,7,\nread_zero+121\nvfs_read+187\n": 3, "fio,8,\nschedule+1\n": "18446744073709551615"}`,
    );
    expect(await recordsOf('bpftrace', text)).toEqual([
      {
        line: 1,
        fields: {
          key1: 'dd',
          key2: '7',
          stack: 'vfs_read;read_zero',
          stack1: 'vfs_read;read_zero',
          value: 3,
          count: 3,
          map: '@',
        },
      },
      {
        line: 1,
        fields: expect.objectContaining({
          key1: 'fio',
          key2: '8',
          stack: 'schedule',
          value: '18446744073709551615',
        }),
      },
    ]);
  });

  test('keys that are there more than once are one, their numbers added', async () => {
    const text = [
      map(String.raw`"@": {"dd,\n    a+1\n": 2, "dd,\n    a+9\n": 3, "dd,\n    a+1\n": 4}`),
      map(
        `"@h": {"x": [{"min": 0, "max": 1, "count": 2}], "x": [{"min": 0, "max": 1, "count": 3}, {"min": 2, "max": 3, "count": 1}]}`,
        'hist',
      ),
    ].join('\n');
    const items = await recordsOf('bpftrace', text);
    expect(
      items.map((item) => 'fields' in item && [item.fields.key1, item.fields.min, item.fields.value]),
    ).toEqual([
      ['dd', undefined, 9],
      ['x', 0, 5],
      ['x', 2, 1],
    ]);
  });

  test('text with commas stays whole, and a stack that is empty is one', async () => {
    const text = map(String.raw`"@": {"a,1,\n    f\n": 1, "b,c,2,\n    g\n": 2, "d,3,": 3}`);
    const items = await recordsOf('bpftrace', text);
    expect(
      items.map((item) => 'fields' in item && [item.fields.key1, item.fields.key2, item.fields.stack]),
    ).toEqual([
      ['a', '1', 'f'],
      ['b,c', '2', 'g'],
      ['d', '3', ''],
    ]);
  });

  test('histograms, statistics, tuples, series, maps without a key', async () => {
    const text = [
      map(
        '"@h": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 0}, {"min": 1, "count": 4}]',
        'hist',
      ),
      map('"@s": {"dd": {"count": 2, "average": 5, "total": 10}}', 'stats'),
      map('"@s": {"count": 2, "average": 5, "total": 10}', 'stats'),
      map('"@t": {"dd": [1, "x"]}'),
      map('"@n": 5'),
      map('"@b": true'),
      map('"@ts": [{"interval_start": "1970-01-01 00:00:00.5", "value": 9}]', 'tseries'),
      '{"type": "value", "data": {"process": "dd", "latency": 3}}',
      '{"type": "value", "data": 7}',
    ].join('\n');
    const items = await recordsOf('bpftrace', text);
    expect(items.map((item) => 'fields' in item && item.fields)).toEqual([
      { min: null, max: -1, count: 1, value: 1, map: '@h' },
      { min: 1, max: null, count: 4, value: 4, map: '@h' },
      { key1: 'dd', count: 2, average: 5, total: 10, value: 10, map: '@s' },
      { count: 2, average: 5, total: 10, value: 10, map: '@s' },
      { key1: 'dd', value1: 1, value2: 'x', map: '@t' },
      { value: 5, count: 5, map: '@n' },
      { value: 1, count: 1, map: '@b' },
      { time: '1970-01-01 00:00:00.5', value: 9, count: 9, map: '@ts' },
      { process: 'dd', latency: 3 },
    ]);
  });

  test('of several maps the one that is named, with or without its sign', async () => {
    const text = [map('"@a": {"x": 1}'), map('"@b": {"y": 2}')].join('\n');
    for (const name of ['@b', 'b']) {
      expect(await recordsOf('bpftrace', text, { map: name })).toEqual([
        { ignored: 'the map @a' },
        { line: 2, fields: { key1: 'y', value: 2, count: 2, map: '@b' } },
      ]);
    }
  });

  test('lines of printf(), in whatever pieces they come, by a pattern; events that were lost', async () => {
    const printed = (data: string) => JSON.stringify({ type: 'printf', data });
    const text = [
      printed('dd '),
      printed('5\nfio 7\nbad'),
      '{"type": "lost_events", "data": {"events": 12}}',
      printed('\n'),
    ].join('\n');
    expect(await recordsOf('bpftrace', text, { pattern: '^(?<process>\\S+) (?<latency>\\d+)$' })).toEqual([
      { line: 2, fields: { process: 'dd', latency: '5' } },
      { line: 2, fields: { process: 'fio', latency: '7' } },
      { lost: 12 },
      { line: 4, problem: "the pattern does not match 'bad'" },
    ]);
    expect(await recordsOf('bpftrace', printed('dd 5\n'))).toEqual([
      { ignored: expect.stringContaining('printf()') },
    ]);
  });

  test('what a traced command prints in between is a bad line', async () => {
    expect(await recordsOf('bpftrace', 'hello\n{"a": 1}\n')).toEqual([
      { line: 1, problem: expect.stringContaining('bpftrace -o FILE') },
      { line: 2, problem: expect.stringContaining('no message') },
    ]);
  });
});
