import fc from 'fast-check';
import { type Category, isNumeric } from '../../src/core/category/define-category.ts';
import { always } from '../../src/core/query/condition.ts';
import type { RowQuery, SortKey, StackQuery } from '../../src/core/query/query.ts';
import { anyCondition } from './arbitrary-conditions.ts';

/** Questions for records of a category. */
export function anyRowQuery(category: Category): fc.Arbitrary<RowQuery> {
  const names = category.columns.map(({ name }) => name);
  const key: fc.Arbitrary<SortKey> = fc.record({
    column: fc.constantFrom(...names),
    descending: fc.boolean(),
  });
  const isName = ({ column }: SortKey) => column;
  // What people ask most: the longest. It is answered in a way of its own.
  const longest: fc.Arbitrary<readonly SortKey[]> = fc.tuple(
    fc.constantFrom(...category.columns.filter(({ type }) => type === 'elapsed')).map(({ name }) => ({
      column: name,
      descending: true,
    })),
  );
  return fc
    .record({
      columns: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
      where: fc.oneof({ weight: 4, arbitrary: anyCondition(category) }, fc.constant(always)),
      sort: fc.oneof(fc.uniqueArray(key, { maxLength: 2, selector: isName }), longest),
      limit: fc.option(fc.nat(12), { nil: undefined }),
      offset: fc.option(fc.nat(5), { nil: undefined, freq: 2 }),
    })
    .map(({ limit, offset, ...query }) => ({
      kind: 'rows',
      category,
      ...query,
      ...(limit !== undefined && { limit }),
      ...(offset !== undefined && { offset }),
    }));
}

/** Questions for the weighed stacks of a category. */
export function anyStackQuery(category: Category): fc.Arbitrary<StackQuery> {
  const stacks = category.columns.filter(({ type }) => type === 'stack').map(({ name }) => name);
  const weights = category.columns.filter(isNumeric).map(({ name }) => name);
  return fc
    .record({
      stack: fc.constantFrom(...stacks),
      weight: fc.option(fc.constantFrom(...weights), { nil: undefined }),
      where: fc.oneof({ weight: 3, arbitrary: anyCondition(category) }, fc.constant(always)),
    })
    .map(({ weight, ...query }) => ({
      kind: 'stacks',
      category,
      ...query,
      ...(weight !== undefined && { weight }),
    }));
}
