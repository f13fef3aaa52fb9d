import fc from 'fast-check';
import { expect } from 'vitest';
import type { RowQuery } from '../../src/core/query/query.ts';
import type { Store } from '../../src/core/store/store.ts';
import { anyBatch } from './arbitrary-batches.ts';
import { anyGroupQuery } from './arbitrary-groups.ts';
import { anyRowQuery, anyStackQuery } from './arbitrary-queries.ts';
import { awkward, everything, sampleCategories } from './sample-categories.ts';
import type { CreateTestDatabase } from './test-database.ts';

const categories = [...sampleCategories.values()];
const anyCategory = fc.constantFrom(...categories);

/**
 * Puts the same random batches into databases of two backends and requires the same answers of both; `runs` databases
 * of each, `questions` of each kind.
 */
export async function compareStores(
  [createOne, createOther]: readonly [CreateTestDatabase, CreateTestDatabase],
  { runs, questions }: { readonly runs: number; readonly questions: number },
): Promise<void> {
  const some = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.array(arbitrary, { minLength: questions, maxLength: questions });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyBatch(categories), { minLength: 1, maxLength: 6 }),
      some(anyCategory.chain(anyRowQuery)),
      some(anyCategory.chain(anyStackQuery)),
      some(anyCategory.chain(anyGroupQuery)),
      async (sent, rowQueries, stackQueries, groupQueries) => {
        const ask = async (create: CreateTestDatabase): Promise<readonly unknown[]> => {
          const database = await create([everything, awkward]);
          const store = await database.open();
          try {
            for (const batch of sent) await store.append([{ batch }]);
            const answers: unknown[] = [];
            for (const query of rowQueries) answers.push(await answerRows(store, query));
            for (const query of stackQueries) {
              const stacks = await store.weighStacks(query);
              answers.push(stacks.map(({ stack, weight }) => `${stack} ${weight}`).sort());
              answers.push(await store.scope(query.category, query.where));
            }
            for (const query of groupQueries) answers.push(await Array.fromAsync(store.aggregate(query)));
            return answers;
          } finally {
            await store.close();
            await database.remove();
          }
        };
        expect(await ask(createOther)).toEqual(await ask(createOne));
      },
    ),
    // Smaller examples would take longer to find than to do without.
    { numRuns: runs, endOnFailure: true },
  );
}

/** The records of an answer; those that sort alike may come in any order, so that only their number is told of a part. */
async function answerRows(store: Store, query: RowQuery): Promise<unknown> {
  const rows: unknown[] = [];
  for await (const chunk of store.select(query)) rows.push(...chunk);
  const isWhole = query.limit === undefined && query.offset === undefined;
  return isWhole ? rows.map((row) => JSON.stringify(row)).sort() : rows.length;
}
