import { describe, expect, test } from 'vitest';
import { printTop } from '../../../src/commands/top/print-top.ts';
import {
  aggregatesOf,
  filterCondition,
  groupingsOf,
  pressTopKey,
  type TopState,
  windows,
} from '../../../src/commands/top/top-state.ts';
import type { Category } from '../../../src/core/category/define-category.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { readDeclaration } from '../../../src/core/category/read-declaration.ts';
import { printWhere } from '../../../src/core/query/print-where.ts';
import { cellsOf } from '../../../src/core/render/text-cells.ts';
import { everything } from '../../support/sample-categories.ts';

const category: Category = offcputime;
const counted = readDeclaration({ name: 'forks', columns: ['stack:stack', 'count:int'] });

const start: TopState = {
  category,
  groupings: groupingsOf(category),
  groupBy: 'process',
  since: undefined,
  filter: '',
  typing: undefined,
  isPaused: false,
  isDone: false,
  answer: undefined,
  trouble: undefined,
};
const press = (state: TopState, ...keys: readonly string[]) => keys.reduce(pressTopKey, state);

const columns = [
  { name: 'process', type: 'string' },
  { name: 'sum(elapsed)', type: 'elapsed', unit: 'ns' },
  { name: 'count', type: 'count' },
] as const;
const answered: TopState = {
  ...start,
  answer: {
    columns,
    rows: [
      { process: 'dd', 'sum(elapsed)': 7_500_000, count: 3 },
      { process: '\u001b[31mfio', 'sum(elapsed)': 2_500_000, count: 12 },
    ],
    total: 10_000_000,
    groups: 2,
    records: 15,
    lost: 4,
    atMs: Date.UTC(2016, 9, 24, 17, 12, 43),
  },
};

describe('what can be asked', () => {
  test('is grouped by names, leaves, stacks and hosts, and ranked by the first duration, else by counts', () => {
    expect(groupingsOf(category)).toEqual(['process', 'state', 'wchan', 'stack', 'hostname']);
    expect(aggregatesOf(category)[0]).toBe('sum(elapsed)');
    expect(groupingsOf(everything as Category)).toEqual(['label', 'note', 'wchan', 'trace', 'hostname']);
    expect(aggregatesOf(counted)).toEqual(['sum(count)']);
    expect(aggregatesOf(readDeclaration({ name: 'a', columns: ['b:string'] }))).toEqual(['count']);
  });

  test('a filter is some text that contains it', () => {
    expect(printWhere(filterCondition(counted, 'x y'), counted)).toBe(
      "hostname contains 'x y' or stack contains 'x y'",
    );
  });
});

describe('keys', () => {
  test('regroup both ways and round', () => {
    expect(press(start, 'g', 'g').groupBy).toBe('wchan');
    expect(press(start, 'G').groupBy).toBe('hostname');
    expect(press(start, 'g', 'g', 'g', 'g', 'g').groupBy).toBe('process');
  });

  test('go through the windows', () => {
    expect(press(start, 'w').since).toBe(windows[0]);
    expect(press(start, 'W').since).toBe('24h');
    expect(press({ ...start, since: '7m' }, 'w').since).toBe('1m');
  });

  test('filter once Enter says so, and no more after Esc', () => {
    expect(press(start, '/', 'd', 'x', 'Backspace', 'q')).toMatchObject({
      typing: 'dq',
      filter: '',
      isDone: false,
    });
    const filtered = press(start, '/', 'd', 'd', 'Enter');
    expect(filtered).toMatchObject({ typing: undefined, filter: 'dd' });
    expect(press(filtered, '/', 'x', 'Esc').filter).toBe('dd');
    expect(press(filtered, 'Esc').filter).toBe('');
  });

  test('pause, and end', () => {
    expect(press(start, ' ').isPaused).toBe(true);
    for (const key of ['q', 'Ctrl-c', 'Ctrl-d']) expect(press(start, key).isDone).toBe(true);
    expect(press(start, '/', 'Ctrl-c').isDone).toBe(true);
    expect(press(start, 'x')).toBe(start);
  });
});

describe('the screen', () => {
  test('has a line for each row, numbers in line, shares, and nothing that is a command to a terminal', () => {
    const lines = printTop(answered, { columns: 100, rows: 8 });
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe('Off-CPU time by process · all times · 2 groups · 15 records · 4 lost · 17:12:43');
    expect(lines.slice(1, 4)).toEqual([
      'sum(elapsed)  count  share  process',
      '      7.5 ms      3  75.0%  dd',
      '      2.5 ms     12  25.0%  \\x1b[31mfio',
    ]);
    expect(lines.at(-1)).toContain('q quit');
  });

  test.each([10, 40, 100])('fits %i columns, of a stack its end', (width) => {
    const stack = 'entry_SYSCALL_64;do_syscall_64;ksys_read;vfs_read;wait_for_space;schedule';
    const rows = [{ process: stack, 'sum(elapsed)': 1, count: 1 }];
    const lines = printTop(
      { ...answered, answer: { ...answered.answer!, rows } },
      { columns: width, rows: 6 },
    );
    for (const line of lines) expect(cellsOf(line)).toBeLessThanOrEqual(width);
    if (width === 100) expect(lines[2]).toMatch(/wait_for_space;… \[6\]$/);
  });

  test('says what is typed, what is paused, and why there is nothing newer', () => {
    const lines = printTop(
      { ...answered, typing: 'bt', isPaused: true, trouble: 'gone' },
      { columns: 120, rows: 6 },
    );
    expect(lines[0]).toMatch(/PAUSED · NOT NOW: gone$/);
    expect(lines.at(-1)).toBe('filter: bt_');
    expect(printTop(start, { columns: 80, rows: 4 })[0]).toContain('asking ...');
  });
});
