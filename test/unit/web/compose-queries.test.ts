import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { always } from '../../../src/core/query/condition.ts';
import { encodeQuery } from '../../../src/core/query/encode-query.ts';
import { printWhere } from '../../../src/core/query/print-where.ts';
import { chooseColumns } from '../../../src/web/app/query/choose-columns.ts';
import { composeCondition, composeQueries } from '../../../src/web/app/query/compose-queries.ts';
import { initialView } from '../../../src/web/app/view-state.ts';
import { everything } from '../../support/sample-categories.ts';
import { mounts } from './categories.ts';

const NOW_US = Date.UTC(2026, 0, 2, 12) * 1000;

test('all filters have to hold', () => {
  const view = {
    ...initialView,
    where: 'elapsed > 5ms or pid = 1',
    since: '2h',
    until: '2026-01-02 11:30',
    hosts: ['a', 'b c'],
    labels: ['kernel=v6.12'],
  };
  const { condition, problems } = composeCondition(view, offcputime, NOW_US);
  expect(problems.size).toBe(0);
  expect(printWhere(condition, offcputime)).toBe(
    '(elapsed > 5000000 or pid = 1) and time >= 2026-01-02T10:00:00.000000Z' +
      " and time < 2026-01-02T11:30:00.000000Z and hostname in (a, 'b c') and labels.kernel = v6.12",
  );
});

test('what is wrong with a filter is told for its own field, all at once', () => {
  const view = { ...initialView, where: 'elapsd > 5ms', since: 'yesterday', labels: ['v6.12'], hosts: ['a'] };
  const { problems } = composeCondition(view, offcputime, NOW_US);
  expect([...problems.keys()]).toEqual(['where', 'since', 'labels']);
  expect(problems.get('where')!.message).toBe(
    "category 'offcputime' has no column 'elapsd'\nelapsd > 5ms\n^",
  );
});

test('asks for the weighed stacks and the first records in order', () => {
  const choice = chooseColumns(initialView, new Map([['offcputime', offcputime]]));
  const { stacks, rows } = composeQueries(choice, always, 50);
  expect(encodeQuery(stacks!)).toEqual({
    offcputime: { elements: ['stack', 'elapsed'], constraints: [], format: 'flamegraph' },
  });
  expect(encodeQuery(rows)).toEqual({
    offcputime: {
      elements: ['hostname', 'time', 'process', 'pid', 'stack', 'elapsed', 'count', 'max', 'state'],
      constraints: [],
      sort: ['-elapsed'],
      limit: 50,
      format: 'list',
    },
  });
});

test('counts records without naming a weight, and asks for no stacks where there are none', () => {
  const categories = new Map([offcputime, everything, mounts].map((category) => [category.name, category]));
  const counted = chooseColumns({ ...initialView, category: 'everything', weight: 'count' }, categories);
  expect(composeQueries(counted, always, 1).stacks).not.toHaveProperty('weight');
  const bare = chooseColumns({ ...initialView, category: 'mounts' }, categories);
  expect(composeQueries(bare, always, 1)).not.toHaveProperty('stacks');
});
