import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { formatCell, formatFully, headingOf } from '../../../src/web/app/grid/format-cell.ts';
import { summarizeRecords } from '../../../src/web/app/grid/summarize-records.ts';
import { knownValues } from '../../../src/web/app/known-values.ts';
import { chooseColumns } from '../../../src/web/app/query/choose-columns.ts';
import { initialView } from '../../../src/web/app/view-state.ts';

const categories = new Map([['offcputime', offcputime]]);
const byElapsed = chooseColumns(initialView, categories);
const byCount = chooseColumns({ ...initialView, weight: 'count', sort: 'process' }, categories);
const column = (name: string) => offcputime.columns.find((candidate) => candidate.name === name)!;

const rows = [
  { process: 'dd', stack: 'a;b', elapsed: 60, count: null },
  { process: 'dd', stack: 'a;c', elapsed: 30, count: 3 },
  { process: 'sh', stack: null, elapsed: 1000, count: 1 },
];

test('says that all is there, where all is', () => {
  expect(summarizeRecords(rows, byElapsed, 1000, 90)).toBe('all 3 records that match');
  expect(summarizeRecords(rows.slice(0, 1), byElapsed, 1000, 60)).toBe('all 1 record that match');
  expect(summarizeRecords([], byElapsed, 1000, 0)).toBe('none');
});

test('says which records are there and which part of the weight they have, where there may be more', () => {
  // What has no stack is no part of the total either.
  expect(summarizeRecords(rows, byElapsed, 3, 360)).toBe(
    'the first 3 records by descending Elapsed, with 25% of Elapsed; more match',
  );
  expect(summarizeRecords(rows, byCount, 3, 16)).toBe(
    'the first 3 records by ascending Process, with 25% of Blocks; more match',
  );
  expect(summarizeRecords(rows, byElapsed, 3, 90)).toBe(
    'the first 3 records by descending Elapsed, with all of Elapsed',
  );
  expect(summarizeRecords(rows, byElapsed, 3, undefined)).toBe(
    'the first 3 records by descending Elapsed; there may be more',
  );
});

test('prints values by the type of their column', () => {
  expect(formatCell(column('elapsed'), 5_120_000)).toBe('5.12 ms');
  expect(formatCell(column('time'), '2026-01-02T03:04:05.678901Z')).toBe('2026-01-02 03:04:05.678');
  expect(formatCell(column('pid'), 1234567)).toBe('1234567');
  expect(formatCell(column('process'), 'a\u001b[31m\u202eb')).toBe('a\\x1b[31m\\u{202e}b');
  expect(formatCell(column('process'), null)).toBe('–');
});

test('prints values in full', () => {
  expect(formatFully(column('elapsed'), 5_123_456)).toBe('5.12 ms (5123456 ns)');
  expect(formatFully(column('elapsed'), 177)).toBe('177 ns');
  expect(formatFully(column('time'), '2026-01-02T03:04:05.678901Z')).toBe('2026-01-02T03:04:05.678901Z');
});

test('headings say in which zone times are', () => {
  expect(headingOf(column('time'))).toBe('Time (UTC)');
  expect(headingOf(column('pid'))).toBe('PID');
});

test('values are known from the records, the most frequent first', () => {
  expect(knownValues(rows, 'process')).toEqual(['dd', 'sh']);
  expect(knownValues(rows, 'stack')).toEqual(['a;b', 'a;c']);
  expect(knownValues(rows, 'elapsed')).toEqual([]);
});
