import { describe, expect, test } from 'vitest';
import { expectProblem, problemOfAsync } from '../../../support/problem.ts';
import { batchesOf, nowUs, rowsOf } from './read-records.ts';

const runqlat = ['process:string', 'latency:elapsed:us'];

describe('fields go to columns', () => {
  test('of their name, whatever its case and signs; what nobody takes is told', async () => {
    const { batches, progress } = await batchesOf(
      'ndjson',
      ['run_queue:string', 'latency:elapsed:us', 'note:string:optional'],
      '{"Run-Queue": "a", "latency": 5, "extra": 1}\n{"Run-Queue": "b", "latency": "2ms", "note": "n"}\n',
    );
    expect(rowsOf(batches)).toEqual([
      ['a', 5, null],
      ['b', 2000, 'n'],
    ]);
    expect([...progress.unused]).toEqual(['extra']);
  });

  test('that are said, inside of objects too, or get one value for all', async () => {
    const { batches } = await batchesOf('ndjson', runqlat, '{"who": {"comm": "dd"}}\n', {
      maps: ['process=who.comm'],
      values: ['latency=3ms'],
    });
    expect(rowsOf(batches)).toEqual([['dd', 3000]]);
  });

  test('by their place where the format names none: parts of a key in order, stacks, the value', async () => {
    const text = String.raw`{"type": "map", "data": {"@": {"dd,7,\n    b\n    a\n": 12}}}`;
    const columns = ['process:string', 'stack:stack', 'pid:int', 'wait:elapsed:us'];
    expect(rowsOf((await batchesOf('bpftrace', columns, text)).batches)).toEqual([['dd', 'a;b', 7, 12]]);
    expect(
      rowsOf(
        (
          await batchesOf('bpftrace', columns, text, {
            maps: ['process=key2', 'pid=value'],
            values: ['wait=1s'],
          })
        ).batches,
      ),
    ).toEqual([['7', 'a;b', 12, 1_000_000]]);
  });

  test('of folded stacks: the stack and the only number', async () => {
    const { batches } = await batchesOf('folded', ['trace:stack', 'samples:int'], 'a;b 5\n');
    expect(rowsOf(batches)).toEqual([['a;b', 5]]);
  });

  test.each([
    [{ maps: ['latncy=x'] }, 'unknown_column', "no column 'latncy'"],
    [{ maps: ['latency'] }, 'usage', 'names no column'],
    [{ maps: ['latency=x'], values: ['latency=1'] }, 'usage', 'given twice'],
    [{}, 'bad_input', "line 1: nothing in the input is called 'latency'"],
  ] as const)('%j: %s', async (options, code, says) => {
    expectProblem(
      await problemOfAsync(batchesOf('ndjson', runqlat, '{"process": "a"}', options)),
      code,
      says,
    );
  });
});

describe('what is written becomes what is stored', () => {
  test('numbers in the unit that is said, times as text or counted from 1970', async () => {
    const columns = ['wait:elapsed:ns', 'size:int', 'at:timestamp'];
    const one = (at: unknown, options = {}) =>
      batchesOf('ndjson', columns, JSON.stringify({ wait: 1.5, size: '10kB', at }), {
        unit: 'us',
        ...options,
      });
    expect(rowsOf((await one('2016-10-24T17:12:43.288693Z')).batches)).toEqual([[1500, 10_000, nowUs]]);
    expect(rowsOf((await one(1477329163.288693, { epoch: 's' })).batches)).toEqual([[1500, 10_000, nowUs]]);
    expectProblem(await problemOfAsync(one(1477329163)), 'bad_input', "line 1: column 'at'", 'is a number');
  });

  test('times and hosts of records that have some, and of the others what was said', async () => {
    const text = [
      '{"process": "a", "latency": 1, "hostname": "db1", "time": "2016-10-24 17:12:43"}',
      '{"process": "b", "latency": 2, "hostname": "db2"}',
      '{"process": "c", "latency": 3, "hostname": "db1"}',
      '{"process": "d", "latency": 4, "hostname": null}',
    ].join('\n');
    const { batches } = await batchesOf('ndjson', runqlat, text);
    expect(batches.map(({ hostname, timeUs, labels }) => [hostname, timeUs, labels.run])).toEqual([
      ['db1', nowUs, 'a'],
      ['db2', nowUs, 'a'],
      ['here', nowUs, 'a'],
    ]);
    expect(batches[0]!.entries[0]!.timesUs).toEqual(
      Float64Array.of(Date.UTC(2016, 9, 24, 17, 12, 43) * 1000, Number.NaN),
    );
    expect(rowsOf(batches).map(([process]) => process)).toEqual(['a', 'c', 'b', 'd']);
  });

  test('stacks as text or as arrays of frames', async () => {
    const { batches } = await batchesOf(
      'ndjson',
      ['stack:stack'],
      '{"stack": ["a", "b;c"]}\n{"stack": "d;e"}\n',
    );
    expect(rowsOf(batches)).toEqual([['a;b:c'], ['d;e']]);
  });

  test.each([
    ['{"process": "a", "latency": "soon"}', "line 1: column 'latency', from 'latency'", 'not a duration'],
    ['{"process": "a", "latency": -1}', "column 'latency'", 'negative'],
    ['{"process": "a", "latency": 1e17}', "column 'latency'", 'whole number'],
    ['{"process": "a", "latency": true}', "column 'latency'", 'no number'],
    ['{"process": "a", "latency": null}', "column 'latency'", 'missing'],
    ['{"process": {"a": 1}, "latency": 1}', "column 'process'", 'an object, not text'],
    ['{"process": "a\\u0000", "latency": 1}', "column 'process'", 'NUL'],
    ['{"process": "\\ud800", "latency": 1}', "column 'process'", 'surrogate'],
    ['{"process": "a", "latency": 1, "hostname": ""}', "column 'hostname'", 'empty'],
    ['{"process": "a", "latency": 1, "time": "later"}', "column 'time'", 'not a timestamp'],
  ])('%s is refused', async (line, ...says) => {
    expectProblem(await problemOfAsync(batchesOf('ndjson', runqlat, line)), 'bad_input', ...says);
  });
});

describe('many lines', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `{"process": "p${at % 7}", "latency": ${at}}\n`).join('');

  test('come in batches of bounded size, in order', async () => {
    const { batches, progress } = await batchesOf('ndjson', runqlat, lines(12_001));
    expect(batches.map(({ entries }) => entries[0]!.length)).toEqual([5000, 5000, 2001]);
    expect(rowsOf(batches).map(([, latency]) => latency)).toEqual(
      Array.from({ length: 12_001 }, (_, at) => at),
    );
    expect(progress.records).toBe(12_001);
  });

  test('text bounds a batch too', async () => {
    const long = 'x'.repeat(1024 * 1024);
    const text = Array.from({ length: 9 }, () => `{"process": "${long}", "latency": 1}\n`).join('');
    const { batches } = await batchesOf('ndjson', runqlat, text);
    expect(batches.map(({ entries }) => entries[0]!.length)).toEqual([4, 4, 1]);
  });

  test('a bad one among them is named, or counted where that was asked for', async () => {
    const text = `${lines(6000)}{"process": "x"}\nnonsense\n${lines(3)}`;
    expectProblem(
      await problemOfAsync(batchesOf('ndjson', runqlat, text)),
      'bad_input',
      "line 6001: column 'latency'",
      'missing',
    );
    const { progress, batches } = await batchesOf('ndjson', runqlat, text, { skipsBad: true });
    expect(progress).toMatchObject({ records: 6003, bad: 2, firstBad: expect.stringContaining('line 6001') });
    expect(rowsOf(batches)).toHaveLength(6003);
  });

  test('events that were lost are told once', async () => {
    const text = [
      '{"type": "lost_events", "data": {"events": 3}}',
      '{"type": "map", "data": {"@": {"a": 1}}}',
    ].join('\n');
    const { batches } = await batchesOf('bpftrace', ['process:string', 'count:int'], text);
    expect(batches.map(({ lost }) => lost)).toEqual([3]);
    const alone = await batchesOf('bpftrace', ['process:string', 'count:int'], text.split('\n')[0]!);
    expect(alone.batches).toMatchObject([{ lost: 3, hostname: 'here' }]);
  });
});
