import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import type { NumberColumn } from '../../../src/core/category/entry-columns.ts';
import { convertLegacy } from '../../../src/core/wire/convert-legacy.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { encodeBatch } from '../../../src/core/wire/encode-batch.ts';
import { anyBatch } from '../../support/arbitrary-batches.ts';
import { encodeEntries } from '../../support/encode-entries.ts';
import { plainValues } from '../../support/plain-values.ts';
import { sampleCategories } from '../../support/sample-categories.ts';

const batches = anyBatch([...sampleCategories.values()]);

test('a batch that is printed and read is the same batch', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      expect(decodeBatch(Buffer.from(encodeBatch(batch)), sampleCategories)).toEqual(batch);
    }),
    { numRuns: 300 },
  );
});

test('a batch that scripts send as entries is the batch that agents send as columns', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      expect(decodeBatch(Buffer.from(encodeEntries(batch)), sampleCategories)).toEqual(
        decodeBatch(Buffer.from(encodeBatch(batch)), sampleCategories),
      );
    }),
    { numRuns: 300 },
  );
});

test('a dictionary may say a text twice, hold texts that no entry has, and be in any order', () => {
  const shuffled = fc.tuple(batches, fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), fc.nat(20));
  fc.assert(
    fc.property(shuffled, ([batch, strangers, turn]) => {
      const json = JSON.parse(encodeBatch(batch));
      for (const { category } of batch.entries) {
        for (const column of Object.values(json[category.name])) {
          if (!Array.isArray((column as SentTexts).dictionary)) continue;
          const sent = column as SentTexts;
          const { dictionary, indices } = sent;
          sent.dictionary = [...dictionary, ...strangers, ...dictionary.toReversed()];
          const last = sent.dictionary.length - 1;
          sent.indices = indices.map((index, at) =>
            index !== null && (at + turn) % 2 === 0 ? last - index : index,
          );
        }
      }
      const decoded = decodeBatch(Buffer.from(JSON.stringify(json)), sampleCategories);
      expect(decoded.entries.map(plainValues)).toEqual(batch.entries.map(plainValues));
    }),
    { numRuns: 200 },
  );
});

interface SentTexts {
  dictionary: string[];
  indices: (number | null)[];
}

test('a legacy stack turned around twice is the stack', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const stacksOf = ({ entries }: typeof batch) =>
        entries.find(({ category }) => category.name === 'offcputime')?.values[2];
      const small = withElapsed(batch, 1);
      const twice = withElapsed(convertLegacy(withElapsed(convertLegacy(small), 1)), 1);
      expect(stacksOf(twice)).toEqual(stacksOf(batch));
    }),
  );
});

test('whatever JSON arrives is a batch or refused as one: it never breaks the reader', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'hostname',
      'time',
      'labels',
      'lost',
      'offcputime',
      'process',
      'pid',
      'stack',
      'elapsed',
      'dictionary',
      'indices',
      '__proto__',
    ),
    fc.string(),
  );
  const value = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.constantFrom('destiny', '2016-10-24 17:12:43', 'dd', 5, -1, 1.5, null, true, ''),
      fc.string({ unit: 'binary' }),
      fc.double(),
    ),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(key, tie('node'), { maxKeys: 6 }),
    ),
  })).node;
  fc.assert(
    fc.property(value, (json) => {
      try {
        decodeBatch(Buffer.from(JSON.stringify(json) ?? ''), sampleCategories);
      } catch (error) {
        if (!(error instanceof KernelscopeError)) throw error;
        expect(['bad_batch', 'unknown_category']).toContain(error.code);
      }
    }),
    { numRuns: 1000 },
  );
});

function withElapsed<B extends Parameters<typeof convertLegacy>[0]>(batch: B, elapsed: number): B {
  return {
    ...batch,
    entries: batch.entries.map((entries) =>
      entries.category.name === 'offcputime'
        ? {
            ...entries,
            values: entries.values.map((column, c) =>
              c === 3 ? (column as NumberColumn).map(() => elapsed) : column,
            ),
          }
        : entries,
    ),
  };
}
