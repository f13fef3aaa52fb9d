import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { isNumeric } from '../../../src/core/category/define-category.ts';
import { encodeQuery } from '../../../src/core/query/encode-query.ts';
import { parseQueries } from '../../../src/core/query/parse-query.ts';
import { parseWhere } from '../../../src/core/query/parse-where.ts';
import { printWhere } from '../../../src/core/query/print-where.ts';
import type { Query } from '../../../src/core/query/query.ts';
import { anyCondition } from '../../support/arbitrary-conditions.ts';
import { anyGroupQuery } from '../../support/arbitrary-groups.ts';
import { sampleCategories } from '../../support/sample-categories.ts';

const nowUs = 1_700_000_000_000_000;

describe.each([...sampleCategories.values()])('$name', (category) => {
  test('a condition that is printed as a clause and read is the same condition', () => {
    fc.assert(
      fc.property(anyCondition(category), (condition) => {
        const clause = printWhere(condition, category);
        expect(parseWhere(clause, category, nowUs)).toEqual(condition);
        expect(printWhere(parseWhere(clause, category, nowUs), category)).toBe(clause);
      }),
      { numRuns: 200 },
    );
  });

  test('so does a query that is sent as JSON', () => {
    const names = category.columns.map(({ name }) => name);
    const sort = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 });
    const rows = fc
      .record({
        columns: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
        sort: sort.chain((columns) =>
          fc.tuple(...columns.map((column) => fc.boolean().map((descending) => ({ column, descending })))),
        ),
        where: fc.oneof(anyCondition(category), fc.constant({ kind: 'and', conditions: [] } as const)),
        limit: fc.option(fc.nat()),
        offset: fc.option(fc.nat()),
      })
      .map(
        ({ limit, offset, ...query }): Query => ({
          kind: 'rows',
          category,
          ...query,
          ...(limit !== null && { limit }),
          ...(offset !== null && { offset }),
        }),
      );
    const stacks = fc
      .record({
        stack: fc.constantFrom(
          ...category.columns.filter(({ type }) => type === 'stack').map(({ name }) => name),
        ),
        weight: fc.option(fc.constantFrom(...category.columns.filter(isNumeric).map(({ name }) => name))),
        where: anyCondition(category),
      })
      .map(
        ({ weight, ...query }): Query => ({
          kind: 'stacks',
          category,
          ...query,
          ...(weight !== null && { weight }),
        }),
      );
    fc.assert(
      fc.property(fc.oneof(rows, stacks, anyGroupQuery(category)), (query) => {
        const sent = JSON.parse(JSON.stringify(encodeQuery(query)));
        expect(parseQueries(sent, sampleCategories, nowUs)).toEqual([query]);
      }),
      { numRuns: 200 },
    );
  });

  test('whatever is written as a clause is read or refused, never a failure of the reader', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'and',
        'or',
        'not',
        'in',
        'is',
        'null',
        'contains',
        '(',
        ')',
        ',',
        '=',
        '!=',
        '~',
        '<',
        "'",
        '"',
        '\\',
        '5ms',
        '-2h',
      ),
      fc.constantFrom(...category.columns.map(({ name }) => name)),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          parseWhere(words.join(' '), category, nowUs);
        } catch (error) {
          if (!(error instanceof KernelscopeError)) throw error;
          expect(['bad_query', 'bad_value', 'unknown_column', 'unknown_operator']).toContain(error.code);
        }
      }),
      { numRuns: 500 },
    );
  });
});
