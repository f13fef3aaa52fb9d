import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInCategories, categoriesOnDemand } from '../../../src/core/category/index.ts';
import { declareOnDemand, withCategoriesOnDemand } from '../../../src/core/store/categories-on-demand.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import { makeFolder } from '../../support/sqlite-file.ts';

const declared = new Map(builtInCategories.map((category) => [category.name, category]));

test('every trace program has its category in one of the two lists', () => {
  const known = [...builtInCategories, ...categoriesOnDemand];
  for (const { category } of tracePrograms) expect(known).toContain(category);
  expect(new Set(known.map(({ name }) => name)).size).toBe(known.length);
});

test('a store takes what is declared and what can be, and a declared one comes before one of the same name', () => {
  const taken = withCategoriesOnDemand(declared);
  expect([...taken.values()]).toEqual([...builtInCategories, ...categoriesOnDemand]);
  const own = { ...categoriesOnDemand[0]!, prettyName: 'of a user' };
  expect(withCategoriesOnDemand(new Map([[own.name, own]])).get(own.name)).toBe(own);
  expect(withCategoriesOnDemand(taken)).toBe(taken);
});

test('only what a batch holds is declared, and a second time does nothing', async () => {
  using folder = makeFolder();
  const store = await openStore(
    { backend: 'sqlite', address: join(folder.path, 'demand.db') },
    { create: true },
  );
  try {
    await store.init();
    const [oncpu] = categoriesOnDemand;
    const entries = [...builtInCategories, oncpu!].map((category) => ({ category, length: 0, values: [] }));
    const batch = { hostname: 'h', timeUs: 1, lost: 0, labels: {}, entries };
    for (let repeat = 0; repeat < 2; repeat++) {
      await declareOnDemand(store, declared, batch);
      expect([...(await store.categories()).keys()]).toEqual(['offcputime', 'oncpu']);
    }
  } finally {
    await store.close();
  }
});
