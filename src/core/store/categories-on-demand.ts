import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Category } from '../category/define-category.ts';
import { categoriesOnDemand } from '../category/index.ts';
import type { Batch } from '../wire/batch.ts';
import type { Store } from './store.ts';

/** Adds to the declared categories those that a database comes to have with their first record. */
export function withCategoriesOnDemand(
  declared: ReadonlyMap<string, Category>,
): ReadonlyMap<string, Category> {
  const missing = categoriesOnDemand.filter(({ name }) => !declared.has(name));
  if (missing.length === 0) return declared;
  return new Map([...declared, ...missing.map((category) => [category.name, category] as const)]);
}

/** Declares what the batch holds records of and is not declared yet. Throws as `Store.addCategory`. */
export async function declareOnDemand(
  store: Pick<Store, 'addCategory'>,
  declared: ReadonlyMap<string, Category>,
  batch: Batch,
): Promise<void> {
  for (const { category } of batch.entries) {
    if (!declared.has(category.name)) await addOnDemand(store, category);
  }
}

/** Declares a category of a trace program. Throws as `Store.addCategory`, and says what to do where it may make no tables. */
export async function addOnDemand(store: Pick<Store, 'addCategory'>, category: Category): Promise<void> {
  try {
    await store.addCategory(category);
  } catch (error) {
    if (!(error instanceof KernelscopeError) || error.code !== 'database_denied') throw error;
    throw new KernelscopeError(
      'database_denied',
      `the tables of '${category.name}' cannot be made: ${error.message}`,
      {
        suggestions: [
          `make them once by an account that may: kernelscope category add ${category.name}`,
          ...error.suggestions,
        ],
        cause: error,
      },
    );
  }
}
