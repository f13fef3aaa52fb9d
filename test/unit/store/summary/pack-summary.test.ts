import { expect, test } from 'vitest';
import { type Category, defineCategory } from '../../../../src/core/category/define-category.ts';
import { type IdColumns, makeIdColumn } from '../../../../src/core/store/summary/id-column.ts';
import { packSummary } from '../../../../src/core/store/summary/pack-summary.ts';
import { VarintReader } from '../../../../src/core/store/summary/varint.ts';

const waits: Category = defineCategory({
  name: 'waits',
  prettyName: 'Waits',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'stack', type: 'stack', prettyName: 'Stack', optional: true },
    { name: 'wait', type: 'elapsed', prettyName: 'Wait' },
  ],
});

function byStack(ids: IdColumns): readonly number[] {
  const summary = packSummary(
    { category: waits, length: 3, values: [undefined, undefined, Float64Array.of(1, 2, 4)] },
    ids,
  );
  const reader = new VarintReader(summary!.byStack);
  const numbers: number[] = [];
  while (!reader.isAtEnd) numbers.push(reader.next());
  return numbers;
}

const process = makeIdColumn([7, 8, 7]);

test('a summary by stack has each stack once, in ascending order, and what has none first', () => {
  // That there are extras; then for each stack the difference of ids, records, and their time.
  expect(byStack([process, makeIdColumn([9, null, 9]), undefined])).toEqual([1, 0, 1, 2, 10, 2, 5]);
  expect(byStack([process, makeIdColumn([9, 5, 9]), undefined])).toEqual([1, 6, 1, 2, 4, 2, 5]);
});

test('stacks that no record has are absent ones, whatever other ids there are', () => {
  expect(byStack([process, undefined, undefined])).toEqual([0, 0, 3, 7]);
  expect(byStack([process, makeIdColumn([null, null, null]), undefined])).toEqual([0, 0, 3, 7]);
});

test('ids that are given twice are one', () => {
  const twice = { ids: Float64Array.of(9, 5, 9), indices: Int32Array.of(0, 1, 2) };
  expect(byStack([process, twice, undefined])).toEqual([1, 6, 1, 2, 4, 2, 5]);
});
