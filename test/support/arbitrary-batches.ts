import fc from 'fast-check';
import {
  type Category,
  type Column,
  entryColumns,
  type Value,
} from '../../src/core/category/define-category.ts';
import { type EntryColumns, makeEntries } from '../../src/core/category/entry-columns.ts';
import type { Batch } from '../../src/core/wire/batch.ts';

/** Text of any script, with everything that quoting and patterns find special, often from few so that it repeats. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('', 'dd', 'DD', 'fio', 'a;b', 'sys_write;btrfs_wait', '50%', 'a_b', 'a\\b'),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({
        unit: fc.constantFrom(
          'a',
          'A',
          '%',
          '_',
          '\\',
          "'",
          '"',
          ';',
          ' ',
          '\n',
          'é',
          '漢',
          '\u{1f600}',
          '\uffee',
        ),
      })
      .map((text) => text.normalize()),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
  },
);

/** Times within a few minutes, so that they meet, and now and then any time there is. */
export const anyTimeUs: fc.Arbitrary<number> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer({ min: -3, max: 3 }).map((minutes) => 1_477_329_163_288_693 + minutes * 60e6),
  },
  { weight: 1, arbitrary: fc.integer({ min: -4_000_000_000_000_000, max: 4_000_000_000_000_000 }) },
);

/** Whole numbers: small ones that repeat, and those at the edges of what is taken. */
export const anyInt: fc.Arbitrary<number> = fc
  .oneof(
    { weight: 4, arbitrary: fc.integer({ min: -3, max: 10 }) },
    { weight: 1, arbitrary: fc.maxSafeInteger() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 31, -(2 ** 32)),
    },
  )
  .map((value) => value + 0);

/** A value that an entry may have in a column. */
export function anyValue(column: Column): fc.Arbitrary<Value> {
  const value: fc.Arbitrary<Value> = {
    string: anyText,
    stack: anyText,
    timestamp: anyTimeUs,
    int: anyInt,
    elapsed: anyInt.map(Math.abs),
  }[column.type];
  return column.optional ? fc.option(value, { freq: 3 }) : value;
}

/** Entries of a category, as columns; half of them with times of their own. */
export function anyEntries(category: Category, maxLength = 8): fc.Arbitrary<EntryColumns> {
  const columns = entryColumns(category);
  const record = fc.tuple(fc.tuple(...columns.map(anyValue)), fc.option(anyTimeUs));
  return fc.tuple(fc.array(record, { maxLength }), fc.boolean()).map(([records, hasTimes]) =>
    makeEntries({
      category,
      length: records.length,
      values: columns.map(({ optional }, c) => {
        const cells = records.map(([values]) => values[c]!);
        return optional && cells.every((cell) => cell === null) ? undefined : cells;
      }),
      ...(hasTimes &&
        records.some(([, timeUs]) => timeUs !== null) && { timesUs: records.map(([, timeUs]) => timeUs) }),
    }),
  );
}

/** Batches with entries of these categories, each at most once, as `decodeBatch` gives them. */
export function anyBatch(categories: readonly Category[]): fc.Arbitrary<Batch> {
  const anyLabels = fc.dictionary(
    fc.constantFrom('kernel', 'run', '__proto__', 'a b', 'größe'),
    fc.oneof(fc.constantFrom('', 'a', 'b', 'v6.12'), anyText),
    { maxKeys: 3, noNullPrototype: true },
  );
  return fc
    .tuple(
      fc.constantFrom('destiny', 'db1', 'DB1', 'größe', "o'brien"),
      anyTimeUs,
      anyLabels,
      fc.oneof(fc.constant(0), fc.nat(1000)),
      fc.tuple(...categories.map((category) => fc.option(anyEntries(category), { freq: 4 }))),
    )
    .map(([hostname, timeUs, labels, lost, entries]) => ({
      hostname,
      timeUs,
      labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))),
      lost,
      entries: entries.filter((some) => some !== null),
    }));
}
