import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { AnswerColumn, AnswerRow } from '../../../src/core/category/answer-column.ts';
import { bar, sparkline } from '../../../src/core/render/rows/bars.ts';
import { allBuckets } from '../../../src/core/render/rows/format-cell.ts';
import { formatStats } from '../../../src/core/render/rows/format-stats.ts';
import { type RowFormatName, rowFormats } from '../../../src/core/render/rows/index.ts';
import type { RowPrintOptions } from '../../../src/core/render/rows/row-format.ts';
import { expectGolden } from '../../support/expect-golden.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { sampleTimeUs } from '../../support/sample-batch.ts';

const process: AnswerColumn = { name: 'process', type: 'string' };
const stack: AnswerColumn = { name: 'stack', type: 'stack' };
const time: AnswerColumn = { name: 'time', type: 'timestamp' };
const count: AnswerColumn = { name: 'count', type: 'count' };
const sum: AnswerColumn = { name: 'sum(elapsed)', type: 'elapsed', unit: 'ns' };
const hist: AnswerColumn = { name: 'hist(elapsed)', type: 'histogram', unit: 'ns' };

/** Prints groups in chunks of two; the first `keyCount` columns are keys. */
async function print(
  format: RowFormatName,
  columns: readonly AnswerColumn[],
  keyCount: number | undefined,
  rows: readonly AnswerRow[],
  options: Partial<RowPrintOptions> = {},
): Promise<string> {
  async function* chunks(): AsyncIterable<readonly AnswerRow[]> {
    for (let at = 0; at < rows.length; at += 2) yield rows.slice(at, at + 2);
  }
  const stream = { columns, chunks: chunks(), ...(keyCount !== undefined && { keyCount }) };
  const all = { color: false, full: false, escapeFormulas: false, ...options };
  return (await Array.fromAsync((await rowFormats[format]())(stream, all))).join('');
}

const histogram = [
  { from: null, to: 0, count: 2 },
  { from: 0, to: 1, count: 1 },
  { from: 4, to: 8, count: 1500 },
  { from: 2 ** 20, to: 2 ** 21, count: 40 },
];
const processes: readonly AnswerRow[] = [
  { process: 'dd', count: 12_345, 'sum(elapsed)': 5_123_456_789, 'hist(elapsed)': histogram },
  {
    process: '漢字 \u{1f600}',
    count: 7,
    'sum(elapsed)': 1_000_000_000,
    'hist(elapsed)': histogram.slice(2, 3),
  },
  { process: null, count: 1, 'sum(elapsed)': 0, 'hist(elapsed)': [] },
  { process: 'p'.repeat(90), count: 1.5, 'sum(elapsed)': 10, 'hist(elapsed)': [] },
];
const minutes: readonly AnswerRow[] = [0, 1, 2, 5, 6].flatMap((minute) => [
  { time: sampleTimeUs + minute * 60e6, process: 'dd', count: minute + 1 },
  ...(minute % 2 === 0
    ? [{ time: sampleTimeUs + minute * 60e6, process: 'fio', count: 100 - minute * 10 }]
    : []),
]);

describe('groups as', () => {
  test.each(['table', 'json', 'ndjson', 'csv', 'tsv'] as const)('%s', async (format) => {
    const text = await print(format, [process, count, sum, hist], 1, processes, { width: 100 });
    expectGolden(`rows/groups.${format === 'table' ? 'txt' : format}`, text);
  });

  test('folded stacks: texts before the stack are frames, the first number is the weight', async () => {
    const rows = [
      { process: 'a;b', stack: 'x;y', count: 5, 'sum(elapsed)': 70 },
      { process: null, stack: 'x\ny', count: 6, 'sum(elapsed)': 80 },
      { process: '#c', stack: '', count: 7, 'sum(elapsed)': 90 },
      { process: 'd', stack: null, count: 8, 'sum(elapsed)': 100 },
    ];
    expect(await print('folded', [process, stack, sum, count], 2, rows)).toBe(
      'a:b;x;y 70\n-;x\\x0ay 80\n;#c; 90\n',
    );
    expect(await print('folded', [stack, process], 2, rows.slice(0, 1))).toBe('x;y 1\n');
    const elapsed: AnswerColumn = { name: 'sum(elapsed)', type: 'elapsed' };
    const pid: AnswerColumn = { name: 'count', type: 'int' };
    expect(await print('folded', [stack, pid, elapsed], undefined, rows.slice(0, 1))).toBe('x;y 70\n');
    expect(await print('folded', [stack, pid], undefined, rows.slice(0, 1))).toBe('x;y 1\n');
    expectProblem(
      await problemOfAsync(print('folded', [process, count], 1, rows)),
      'bad_query',
      'stack column',
    );
  });
});

describe('a chart', () => {
  test.each([60, 100])('has a bar for each group, in %d cells', async (width) => {
    const text = await print('chart', [process, sum, count], 1, processes, { width });
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expectGolden(`rows/bars-${width}.txt`, text);
  });

  test.each([60, 100])('of groups of times is a line for each of the others, in %d cells', async (width) => {
    const text = await print('chart', [time, process, count], 2, minutes, { width });
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expectGolden(`rows/lines-${width}.txt`, text);
  });

  test('of more times than a line has cells shows the greatest of those that share one', async () => {
    const rows = Array.from({ length: 1000 }, (_, at) => ({ time: at * 60e6, count: at === 500 ? 1000 : 1 }));
    const text = await print('chart', [time, count], 1, rows, { width: 60 });
    const line = text.split('\n')[1]!;
    expect(stringWidth(line)).toBeLessThanOrEqual(60);
    expect(line.match(/█/g)).toHaveLength(1);
    expect(line.match(/▁/g)!.length).toBeGreaterThan(20);
  });

  test('of histograms has a bar for each bucket, those between without one', async () => {
    expectGolden('rows/histograms.txt', await print('chart', [process, hist], 1, processes.slice(0, 2)));
    const whole = await print('chart', [hist], 0, processes.slice(0, 1), { width: 60 });
    expect(whole.split('\n')[0]).toBe('hist(elapsed)');
    expect(Math.max(...whole.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(60);
  });

  test('of more groups than anyone looks at says how many are left out', async () => {
    const rows = Array.from({ length: 1500 }, (_, at) => ({ process: `p${at}`, count: at }));
    const lines = (await print('chart', [process, count], 1, rows)).trimEnd().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([1002, '… and 500 more']);
  });

  test('is refused of single records, and of groups without a number', async () => {
    const records = problemOfAsync(print('chart', [process, count], undefined, processes));
    expectProblem(await records, 'bad_query', 'single records');
    expectProblem(
      await problemOfAsync(print('chart', [process], 1, processes)),
      'bad_query',
      'none is worked out',
    );
  });

  test('has no control character of a record in it', async () => {
    const rows = [{ process: '\u001b[31mred\u0007\n', count: 3 }];
    const text = await print('chart', [process, count], 1, rows);
    expect([...text].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  });

  test('of nothing is its head', async () => {
    expect(await print('chart', [process, count], 1, [])).toBe('process  count\n');
    expect(await print('chart', [time, count], 1, [])).toBe('');
  });
});

describe('a long table', () => {
  const rows = Array.from({ length: 5000 }, (_, at) => ({
    process: at === 4000 ? 'a much longer name than all of the others' : `p${at}`,
    stack: 'a;b;c',
    count: at,
  }));

  test('is printed as it is read, and loses nothing where its width is not bounded', async () => {
    let read = 0;
    async function* chunks(): AsyncIterable<readonly AnswerRow[]> {
      for (; read < rows.length; read += 500) yield rows.slice(read, read + 500);
    }
    const pieces = (await rowFormats.table())(
      { columns: [process, stack, count], chunks: chunks() },
      { color: false, full: false, escapeFormulas: false },
    )[Symbol.asyncIterator]();
    const first = (await pieces.next()).value as string;
    expect(read).toBeLessThan(2000);
    let text = first;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) text += next.value;
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(5001);
    expect(lines[4001]).toContain('a much longer name than all of the others');
    expect(
      new Set(lines.map((line) => (line.includes('longer') ? 0 : line.indexOf('a;b;c')))).size,
    ).toBeLessThan(5);
  });

  test('keeps to the width of a terminal to its end', async () => {
    const text = await print('table', [process, stack, count], undefined, rows, { width: 40 });
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(40);
  });
});

test('a quick look is written in the units of each column', () => {
  const [elapsed, pid, name] = formatStats([
    { column: 'elapsed', type: 'elapsed', unit: 'us', distinct: null, min: 1500, sum: 0 },
    { column: 'pid', type: 'int', unit: null, distinct: null, min: 1500, sum: 12.5 },
    { column: 'process', type: 'string', unit: null, distinct: 1500, top: 'dd', min: null },
  ]);
  expect(elapsed).toMatchObject({ min: '1.5 ms', sum: '0 ns', distinct: null });
  expect(pid).toMatchObject({ min: '1,500', sum: '12.5' });
  expect(name).toMatchObject({ distinct: 1500, top: 'dd', min: null });
});

test('bars and lines of blocks show whatever is above nothing', () => {
  expect([bar(0, 10, 4), bar(10, 10, 4), bar(5, 10, 4), bar(0.001, 10, 4), bar(-5, 10, 4)]).toEqual([
    '',
    '████',
    '██',
    '▏',
    '',
  ]);
  expect(bar(1, 0, 4)).toBe('');
  expect(sparkline([0, 1, null, 4, 8])).toBe(' ▁ ▄█');
  expect(sparkline([0, 0])).toBe('  ');
});

test('the buckets between those that hold something are there, and hold nothing', () => {
  expect(allBuckets(histogram.slice(0, 3)).map(({ from, to, count }) => [from, to, count])).toEqual([
    [null, 0, 2],
    [0, 1, 1],
    [1, 2, 0],
    [2, 4, 0],
    [4, 8, 1500],
  ]);
});
