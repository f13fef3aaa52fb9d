import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { convertLegacy } from '../../../src/core/wire/convert-legacy.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { encodeBatch } from '../../../src/core/wire/encode-batch.ts';
import { anyBatch } from '../../support/arbitrary-batches.ts';
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

test('a legacy stack turned around twice is the stack', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const stacks = batch.entries.find(({ category }) => category.name === 'offcputime')?.values[2] ?? [];
      const small = withElapsed(batch, 1);
      const twice = withElapsed(convertLegacy(withElapsed(convertLegacy(small), 1)), 1);
      expect(twice.entries.find(({ category }) => category.name === 'offcputime')?.values[2] ?? []).toEqual(
        stacks,
      );
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
            values: entries.values.map((column, c) => (c === 3 ? column?.map(() => elapsed) : column)),
          }
        : entries,
    ),
  };
}
