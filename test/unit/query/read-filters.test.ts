import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { printWhere } from '../../../src/core/query/print-where.ts';
import { type Filters, parseLabels, readFilters } from '../../../src/core/query/read-filters.ts';
import { expectProblem, problemOf } from '../../support/problem.ts';

const nowUs = Date.UTC(2024, 5, 1, 12) * 1000;

function read(filters: Filters): string {
  return printWhere(readFilters(filters, offcputime, nowUs), offcputime);
}

function span(from: string, until: string): string {
  return `time >= ${from} and time < ${until}`;
}

describe('filters', () => {
  test.each<[Filters, string]>([
    [{}, ''],
    [{ where: '  ' }, ''],
    [{ where: 'pid = 1' }, 'pid = 1'],
    [{ where: 'pid = 1 or pid = 2', hosts: ['a'] }, 'hostname in (a) and (pid = 1 or pid = 2)'],
    [{ where: 'pid = 1 and pid = 2', hosts: ['a', 'b'] }, 'hostname in (a, b) and pid = 1 and pid = 2'],
    [{ since: '2h' }, 'time >= 2024-06-01T10:00:00.000000Z'],
    [
      { since: '2024-05-01', until: '-1h' },
      'time >= 2024-05-01T00:00:00.000000Z and time < 2024-06-01T11:00:00.000000Z',
    ],
    [
      { labels: ['kernel=v6.12', 'run=a=b', 'note='] },
      "labels.kernel = v6.12 and labels.run = 'a=b' and labels.note = ''",
    ],
    [{ hosts: [], labels: [] }, ''],
    [{ since: 'now-90m', until: 'now' }, span('2024-06-01T10:30:00.000000Z', '2024-06-01T12:00:00.000000Z')],
    [{ at: '2024-05-01' }, span('2024-05-01T00:00:00.000000Z', '2024-05-02T00:00:00.000000Z')],
    [{ at: '2024-05-01T10:20+02' }, span('2024-05-01T08:20:00.000000Z', '2024-05-01T08:21:00.000000Z')],
    [{ at: '2024-05-01 10:20:30' }, span('2024-05-01T10:20:30.000000Z', '2024-05-01T10:20:31.000000Z')],
    [{ at: '2024-05-01 10:20:30.25' }, span('2024-05-01T10:20:30.250000Z', '2024-05-01T10:20:30.260000Z')],
    [
      { at: '2024-05-01 10:20:30.000007' },
      span('2024-05-01T10:20:30.000007Z', '2024-05-01T10:20:30.000008Z'),
    ],
    [{ at: '90m' }, span('2024-06-01T10:30:00.000000Z', '2024-06-01T10:31:00.000000Z')],
    [{ at: '1.5h' }, span('2024-06-01T10:00:00.000000Z', '2024-06-01T11:00:00.000000Z')],
    [{ at: 'now' }, span('2024-06-01T12:00:00.000000Z', '2024-06-01T12:00:01.000000Z')],
  ])('%j', (filters, where) => {
    expect(read(filters)).toBe(where);
  });

  test.each<[Filters, string, string]>([
    [{ since: 'yesterday' }, 'bad_value', "'yesterday'"],
    [{ until: '' }, 'bad_value', "''"],
    [{ at: 'noon' }, 'bad_value', "'noon'"],
    [{ labels: ['kernel'] }, 'usage', "'kernel'"],
    [{ labels: ['=v6.12'] }, 'usage', "'=v6.12'"],
    [{ labels: ['run=a', 'run=b'] }, 'usage', "'run' is given twice"],
    [{ where: 'pdi = 1' }, 'unknown_column', "'pdi'"],
  ])('%j is refused', (filters, code, says) => {
    expectProblem(
      problemOf(() => read(filters)),
      code as 'usage',
      says,
    );
  });
});

test('labels may be called like what every object has', () => {
  expect(Object.entries(parseLabels(['__proto__=x', 'constructor=y']))).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
