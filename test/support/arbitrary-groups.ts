import fc from 'fast-check';
import { type Category, isNumeric } from '../../src/core/category/define-category.ts';
import { always } from '../../src/core/query/condition.ts';
import { parseAggregate, parseGroupKey } from '../../src/core/query/parse-groups.ts';
import type { GroupQuery, GroupSort } from '../../src/core/query/query.ts';
import { anyCondition } from './arbitrary-conditions.ts';

/** Questions for groups of a category's records: keys and aggregates of every kind. */
export function anyGroupQuery(category: Category): fc.Arbitrary<GroupQuery> {
  const { columns } = category;
  const stacks = columns.filter(({ type }) => type === 'stack').map(({ name }) => name);
  const times = columns.filter(({ type }) => type === 'timestamp').map(({ name }) => name);
  const key = fc
    .oneof(
      { weight: 4, arbitrary: fc.constantFrom(...columns.map(({ name }) => name)) },
      fc
        .tuple(fc.constantFrom(...times), fc.constantFrom('1m', '90s', '1d', '7us'))
        .map((parts) => parts.join(':')),
      fc.constantFrom('labels.kernel', 'labels.run', 'labels.__proto__', 'labels.a b'),
      fc
        .tuple(
          fc.constantFrom('leaf', 'root', 'wchan', 'frame:1', 'frame:2', 'frame:-2'),
          fc.constantFrom(...stacks),
        )
        .map((parts) => parts.join(':')),
    )
    .map((text) => parseGroupKey(text, category));
  const numbers = columns.filter(isNumeric).map(({ name }) => name);
  const aggregate = fc
    .oneof(
      fc.constant('count'),
      fc
        .tuple(
          fc.constantFrom('sum', 'avg', 'min', 'max', 'hist', 'p0', 'p50', 'p90', 'p99.9', 'p100'),
          fc.constantFrom(...numbers),
        )
        .map(([name, column]) => `${name}(${column})`),
      fc
        .tuple(fc.constantFrom('min', 'max'), fc.constantFrom(...times))
        .map(([name, column]) => `${name}(${column})`),
    )
    .map((text) => parseAggregate(text, category));
  const byName = { selector: ({ name }: { readonly name: string }) => name };
  return fc
    .tuple(
      fc.uniqueArray(key, { maxLength: 3, ...byName }),
      fc.uniqueArray(aggregate, { maxLength: 4, ...byName }),
    )
    .map(([keys, aggregates]) => {
      const taken = new Set(keys.map(({ name }) => name));
      return { keys, aggregates: aggregates.filter(({ name }) => !taken.has(name)) };
    })
    .filter(({ keys, aggregates }) => keys.length + aggregates.length > 0)
    .chain(({ keys, aggregates }) =>
      fc
        .record({
          where: fc.oneof(
            { weight: 3, arbitrary: anyCondition(category) },
            { weight: 2, arbitrary: fc.constant(always) },
          ),
          sort: anySort(keys.length, aggregates),
          limit: fc.option(fc.nat(6), { nil: undefined }),
          offset: fc.option(fc.nat(4), { nil: undefined, freq: 2 }),
        })
        .map(
          ({ where, sort, limit, offset }): GroupQuery => ({
            kind: 'groups',
            category,
            keys,
            aggregates,
            where,
            sort,
            ...(limit !== undefined && { limit }),
            ...(offset !== undefined && { offset }),
          }),
        ),
    );
}

function anySort(keys: number, aggregates: GroupQuery['aggregates']): fc.Arbitrary<readonly GroupSort[]> {
  const places = [
    ...Array.from({ length: keys }, (_, place) => ({ by: 'key' as const, place })),
    ...aggregates.flatMap(({ kind }, place) =>
      kind === 'hist' ? [] : [{ by: 'aggregate' as const, place }],
    ),
  ];
  if (places.length === 0) return fc.constant([]);
  const sort = fc
    .tuple(fc.constantFrom(...places), fc.boolean())
    .map(([place, descending]): GroupSort => ({ ...place, descending }));
  return fc.uniqueArray(sort, { maxLength: 2, selector: ({ by, place }) => `${by} ${place}` });
}
