import fc from 'fast-check';
import { expect } from 'vitest';
import type { AnswerRow } from '../../src/core/category/answer-column.ts';
import type { Category } from '../../src/core/category/define-category.ts';
import type { GroupQuery, RowQuery, StackQuery } from '../../src/core/query/query.ts';
import type { Store } from '../../src/core/store/store.ts';
import { anyBatch } from './arbitrary-batches.ts';
import { anyGroupQuery } from './arbitrary-groups.ts';
import { anyRowQuery, anyStackQuery } from './arbitrary-queries.ts';
import { groupPlainly } from './plain-groups.ts';
import {
  comparePlainly,
  holds,
  type PlainRecord,
  plainRecords,
  selectPlainly,
  weighPlainly,
} from './plain-records.ts';
import { awkward, everything, sampleCategories } from './sample-categories.ts';
import type { CreateTestDatabase } from './test-database.ts';

const categories = [...sampleCategories.values()];
const anyCategory = fc.constantFrom(...categories);

/**
 * Puts random batches into a fresh database of the backend and requires of it, for random questions, the answers that
 * looking at each record gives; `runs` databases, `questions` of each kind to each.
 */
export async function compareWithPlain(
  create: CreateTestDatabase,
  { runs, questions }: { readonly runs: number; readonly questions: number },
): Promise<void> {
  const batches = fc.array(anyBatch(categories), { minLength: 1, maxLength: 6 });
  const some = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.array(arbitrary, { minLength: questions, maxLength: questions });
  await fc.assert(
    fc.asyncProperty(
      batches,
      some(anyCategory.chain(anyRowQuery)),
      some(anyCategory.chain(anyStackQuery)),
      some(anyCategory.chain(anyGroupQuery)),
      async (sent, rowQueries, stackQueries, groupQueries) => {
        const database = await create([everything, awkward]);
        const store = await database.open();
        try {
          // Some alone, some together: neither may matter.
          const [first, ...rest] = sent.map((batch) => ({ batch }));
          await store.append([first!]);
          await store.append(rest);
          const records = sent.flatMap(plainRecords);
          for (const query of rowQueries) await compareRows(store, records, query);
          for (const query of stackQueries) await compareStacks(store, records, query);
          for (const query of groupQueries) await compareGroups(store, records, query);
          for (const { category, where } of stackQueries) {
            const lost = sent.reduce((sum, batch) => sum + batch.lost, 0);
            const scope = await store.scope(category, where);
            const needed = sent.filter((batch) =>
              plainRecords(batch).some((record) => matches(record, category, where)),
            );
            // It may count batches that turn out to hold no matching record, never leave out one that does.
            expect(scope.lost).toBeGreaterThanOrEqual(needed.reduce((sum, batch) => sum + batch.lost, 0));
            expect(scope.lost).toBeLessThanOrEqual(lost);
          }
        } finally {
          await store.close();
          await database.remove();
        }
      },
    ),
    { numRuns: runs },
  );
}

function matches(record: PlainRecord, category: Category, where: StackQuery['where']): boolean {
  return record.category.name === category.name && holds(where, record);
}

async function compareRows(store: Store, records: readonly PlainRecord[], query: RowQuery): Promise<void> {
  const expected = selectPlainly(records, query);
  const answered: Record<string, unknown>[] = [];
  for await (const chunk of store.select(query))
    answered.push(...(chunk as readonly Record<string, unknown>[]));
  const { offset = 0, limit = expected.length } = query;
  expect(answered.length).toBe(expected.slice(offset, offset + limit).length);
  const shown = expected.map(({ values }) => project(values, query.columns));
  // Records that sort alike may come in either order, so the keys must agree in place, and the records as a whole.
  const keys = query.sort.map(({ column }) => column).filter((column) => query.columns.includes(column));
  const isPrefix = keys.length === query.sort.length;
  if (isPrefix) {
    expect(answered.map((row) => project(row, keys))).toEqual(
      shown.slice(offset, offset + answered.length).map((row) => project(row, keys)),
    );
  }
  const remaining = countTexts(shown.map(textOf));
  for (const row of answered) {
    const text = textOf(row);
    expect(remaining.get(text), `${text} is asked for, and there as often`).toBeGreaterThan(0);
    remaining.set(text, remaining.get(text)! - 1);
  }
}

async function compareStacks(
  store: Store,
  records: readonly PlainRecord[],
  query: StackQuery,
): Promise<void> {
  const byStack = (a: { stack: string }, b: { stack: string }) => comparePlainly(a.stack, b.stack);
  const expected = [...weighPlainly(records, query)].map(([stack, weight]) => ({ stack, weight }));
  const answered = await store.weighStacks(query);
  expect(answered.toSorted(byStack)).toEqual(expected.toSorted(byStack));
}

async function compareGroups(
  store: Store,
  records: readonly PlainRecord[],
  query: GroupQuery,
): Promise<void> {
  const all = groupPlainly(records, query);
  const { offset = 0, limit = all.rows.length } = query;
  const answered: AnswerRow[] = [];
  let totals = { groups: 0, records: 0 };
  for await (const { rows, ...soFar } of store.aggregate(query)) {
    answered.push(...rows);
    totals = soFar;
  }
  expect(answered).toEqual(all.rows.slice(offset, offset + limit));
  expect(totals).toEqual({ groups: all.rows.length, records: all.records });
}

function project(
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

function textOf(row: unknown): string {
  return JSON.stringify(row);
}

function countTexts(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
