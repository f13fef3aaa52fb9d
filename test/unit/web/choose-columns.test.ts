import { expect, test } from 'vitest';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { chooseColumns, listWeights } from '../../../src/web/app/query/choose-columns.ts';
import { initialView } from '../../../src/web/app/view-state.ts';
import { diskwait, mounts } from './categories.ts';

const categories = new Map([offcputime, diskwait, mounts].map((category) => [category.name, category]));

test('shows the first category by its first stack and first duration, the heaviest records first', () => {
  const choice = chooseColumns(initialView, categories);
  expect(choice).toMatchObject({
    category: offcputime,
    stack: { name: 'stack' },
    weight: { name: 'elapsed', column: 'elapsed', unit: 'ns' },
    sort: { column: 'elapsed', descending: true },
  });
});

test('takes what the view names', () => {
  const view = { ...initialView, category: 'diskwait', stack: 'ustack', weight: 'served', sort: 'device' };
  expect(chooseColumns(view, categories)).toMatchObject({
    category: diskwait,
    stack: { name: 'ustack' },
    weight: { name: 'served', unit: 'ms' },
    sort: { column: 'device', descending: false },
  });
});

test('a category without durations is weighed by its records, one without stacks has none', () => {
  const choice = chooseColumns({ ...initialView, category: 'mounts' }, categories);
  expect(choice).not.toHaveProperty('stack');
  expect(choice.weight).toEqual({ name: 'count', label: 'Records', unit: 'count' });
  expect(choice.sort).toEqual({ column: 'time', descending: true });
});

test('lists durations, then numbers, then the number of records', () => {
  expect(listWeights(diskwait).map((weight) => weight.name)).toEqual([
    'queued',
    'served',
    'sectors',
    'count',
  ]);
});

test('a column called count takes the place of the number of records, as the service reads it', () => {
  const counted = defineCategory({
    name: 'counted',
    prettyName: '',
    columns: [{ name: 'count', type: 'int', prettyName: 'Count' }],
  });
  expect(listWeights(counted)).toEqual([{ name: 'count', label: 'Count', unit: 'count', column: 'count' }]);
});

test.each([
  [{ category: 'ofcputime' }, "there is no category 'ofcputime'", "did you mean 'offcputime'?"],
  [{ stack: 'stac' }, "'offcputime' has no stack column 'stac'", "did you mean 'stack'?"],
  [{ weight: 'elapse' }, "nothing in 'offcputime' that weighs is called 'elapse'", "did you mean 'elapsed'?"],
  [{ sort: '-elapse' }, "category 'offcputime' has no column 'elapse'", "did you mean 'elapsed'?"],
])('%j is refused with what was meant', (change, message, suggestion) => {
  expect(() => chooseColumns({ ...initialView, ...change }, categories)).toThrow(
    expect.objectContaining({ message, suggestions: expect.arrayContaining([suggestion]) }),
  );
});

test('a service without categories is named as such', () => {
  expect(() => chooseColumns(initialView, new Map())).toThrow('no category is declared yet');
});
