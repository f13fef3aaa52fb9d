import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Category, Row, Value } from '../../../src/core/category/define-category.ts';
import { type EntryColumns, valueAt } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { type RowFormatName, rowFormats } from '../../../src/core/render/rows/index.ts';
import type { RowPrintOptions } from '../../../src/core/render/rows/row-format.ts';
import { anyEntries } from '../../support/arbitrary-batches.ts';
import { expectGolden } from '../../support/expect-golden.ts';
import { sampleTimeUs } from '../../support/sample-batch.ts';
import { everything, sampleCategories } from '../../support/sample-categories.ts';

type Values = Readonly<Record<string, Value>>;

/** Prints records, in chunks of two, as they would come from a store. */
async function print(
  format: RowFormatName,
  rows: readonly Values[],
  options: Partial<RowPrintOptions> & {
    readonly category?: Category;
    readonly names?: readonly string[];
  } = {},
): Promise<string> {
  const { category = offcputime as Category, names, ...rest } = options;
  const columns =
    names?.map((name) => category.columns.find((column) => column.name === name)!) ?? category.columns;
  async function* chunks(): AsyncIterable<readonly Row[]> {
    for (let at = 0; at < rows.length; at += 2) yield rows.slice(at, at + 2) as readonly Row[];
  }
  const pieces = (await rowFormats[format]())(
    { columns, chunks: chunks() },
    { color: false, full: false, escapeFormulas: false, ...rest },
  );
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const row = (changes: Values = {}): Values => ({
  hostname: 'destiny',
  time: sampleTimeUs,
  process: 'dd',
  pid: 1234,
  stack: 'entry_SYSCALL_64;do_syscall_64;__x64_sys_write;btrfs_file_write_iter;wait_for_space;schedule',
  elapsed: 5_123_456,
  ...changes,
});

const rows = [
  row(),
  row({ process: 'kworker/u16:3', pid: -1, elapsed: 999, stack: 'ret_from_fork;kthread' }),
  row({ hostname: 'größe', process: '漢字 \u{1f600}', elapsed: 7_200_000_000_000, stack: '' }),
  row({ process: '\u001b[31mred\u0007', time: 0, elapsed: 0, stack: 'a\nb;c' }),
  row({
    process: 'p'.repeat(60),
    elapsed: Number.MAX_SAFE_INTEGER,
    stack: 'only_one_frame_that_is_longer_than_the_column_is',
  }),
];

describe('a table', () => {
  test.each([60, 80, 120])('fits a terminal of %d cells', async (width) => {
    // Those that every record has; all nine have no room in so narrow a one.
    const names = width < 80 ? offcputime.columns.slice(0, 6).map(({ name }) => name) : undefined;
    const text = await print('table', rows, { width, ...(names && { names }) });
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expectGolden(`rows/table-${width}.txt`, text);
  });

  test('is as wide as it needs to be where it does not go to a terminal, or is asked to be whole', async () => {
    const text = await print('table', rows);
    expectGolden('rows/table.txt', text);
    expect(await print('table', rows, { width: 60, full: true })).toBe(text);
  });

  test('has a dim head in colour, and is the same without', async () => {
    const text = await print('table', rows, { width: 80, color: true });
    expect(text).toContain('\u001b[2mprocess');
    expect(stripVTControlCharacters(text)).toBe(await print('table', rows, { width: 80 }));
  });

  test('of nothing is its head', async () => {
    expect(await print('table', [], { names: ['process', 'pid'] })).toBe('process  pid\n');
  });

  test('scales durations by the unit of their column, and leaves absent values blank', async () => {
    const names = ['size', 'latency', 'wait', 'note', 'ended'];
    const values = [
      { size: 1, latency: 1500, wait: 1500, note: 'n', ended: 1 },
      { size: 1_000_000, latency: 0, wait: null, note: null, ended: null },
    ];
    expect(await print('table', values, { category: everything, names })).toBe(
      [
        '   size  latency   wait  note  ended',
        '      1   1.5 ms  1.5 s  n     1970-01-01 00:00:00.000001Z',
        '1000000     0 ns',
        '',
      ].join('\n'),
    );
  });

  test('has no control character of a record in it', async () => {
    const text = await print('table', rows, { width: 80 });
    expect([...text].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  });

  test('never is wider than a terminal that has room for its columns, and loses no letter that fits', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '漢', '\u{1f600}', ';', ' ', '\u001b'),
      maxLength: 60,
    });
    const records = fc.array(
      // Blanks at the end of a line are not printed, and so not seen in its width.
      fc.record({
        process: text,
        stack: text.map((stack) => stack.trimEnd()),
        hostname: text,
        pid: fc.maxSafeInteger(),
      }),
      {
        maxLength: 4,
      },
    );
    const names = ['hostname', 'process', 'pid', 'stack'];
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 54, max: 300 }), async (some, width) => {
        const widest = (printed: string) => Math.max(...printed.split('\n').map((line) => stringWidth(line)));
        const whole = await print('table', some, { names });
        const fitted = await print('table', some, { names, width });
        expect(widest(fitted)).toBeLessThanOrEqual(width);
        if (widest(whole) <= width) expect(fitted).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe('machine formats', () => {
  test.each(['json', 'ndjson', 'csv', 'tsv'] as const)('%s', async (format) => {
    expectGolden(`rows/rows.${format}`, await print(format, rows));
  });

  test('json is an array of records as the protocol has them', async () => {
    const [first] = JSON.parse(await print('json', rows)) as readonly unknown[];
    expect(first).toEqual({ ...row(), time: '2016-10-24T17:12:43.288693Z' });
    expect(JSON.parse(await print('json', []))).toEqual([]);
    expect(JSON.parse(await print('json', rows.slice(0, 1)))).toHaveLength(1);
  });

  test('ndjson is the same, a record a line', async () => {
    const lines = (await print('ndjson', rows)).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(await print('json', rows)));
    expect(await print('ndjson', [])).toBe('');
  });

  test('csv and tsv of nothing are a line of names', async () => {
    const names = ['process', 'pid'];
    expect(await print('csv', [], { names })).toBe('process,pid\r\n');
    expect(await print('tsv', [], { names })).toBe('process\tpid\n');
  });

  test('csv quotes what RFC 4180 says must be', async () => {
    const text = await print(
      'csv',
      [
        { process: 'a,b', stack: 'say "x"' },
        { process: 'two\nlines', stack: 'cr\rlf' },
      ],
      {
        names: ['process', 'stack'],
      },
    );
    expect(text).toBe('process,stack\r\n"a,b","say ""x"""\r\n"two\nlines","cr\rlf"\r\n');
  });

  test('csv can be made safe for a spreadsheet, numbers left alone', async () => {
    const values = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'plain', ' =1'].map((process) => ({
      process,
      pid: -5,
    }));
    const names = ['process', 'pid'];
    const safe = await print('csv', values, { names, escapeFormulas: true });
    expect(safe.replaceAll('\r\n', '\n')).toBe(
      [
        'process,pid',
        "'=1+1,-5",
        "'+1,-5",
        "'-1,-5",
        "'@x,-5",
        "'\tx,-5",
        '"\'\rx",-5',
        'plain,-5',
        ' =1,-5',
        '',
      ].join('\n'),
    );
    expect(await print('csv', values.slice(0, 1), { names })).toBe('process,pid\r\n=1+1,-5\r\n');
  });

  test('tsv keeps every record on a line, and every value in its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sampleCategories.values()).chain(anyCategoryEntries),
        async ({ category, entries }) => {
          const records = toRows(category, entries.values, entries.length);
          const lines = (await print('tsv', records, { category })).split('\n');
          expect(lines).toHaveLength(records.length + 2);
          for (const [at, record] of records.entries()) {
            const cells = lines[at + 1]!.split('\t').map(unescapeTsv);
            for (const [c, { name, type }] of category.columns.entries())
              if (type === 'string' || type === 'stack') expect(cells[c]).toBe(record[name] ?? '');
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

function anyCategoryEntries(category: Category) {
  return anyEntries(category).map((entries) => ({ category, entries }));
}

function toRows(category: Category, values: EntryColumns['values'], length: number): readonly Values[] {
  return Array.from({ length }, (_, at) => ({
    hostname: 'h',
    time: 0,
    ...Object.fromEntries(category.columns.slice(2).map(({ name }, c) => [name, valueAt(values[c], at)])),
  }));
}

function unescapeTsv(cell: string): string {
  const meanings: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
  return cell.replace(/\\(.)/g, (_, character: string) => meanings[character]!);
}
