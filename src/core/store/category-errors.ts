import { KernelscopeError } from '../base/kernelscope-error.ts';
import { suggestNames } from '../base/names.ts';
import { categoryDifference } from '../category/category-difference.ts';
import type { Category } from '../category/define-category.ts';
import { builtInCategories } from '../category/index.ts';

/** Throws `category_exists` unless the declared category is the same as the one that is wanted. */
export function requireSameCategory(declared: Category, wanted: Category): void {
  const difference = categoryDifference(declared, wanted);
  if (difference === undefined) return;
  throw new KernelscopeError(
    'category_exists',
    `category '${wanted.name}' is declared already, and differently: ${difference}`,
    {
      suggestions: [
        `see it: kernelscope category show ${wanted.name}`,
        `choose another name, or delete it with its records: kernelscope category drop ${wanted.name}`,
      ],
    },
  );
}

/** Throws `usage` for a category that belongs to every database. */
export function requireNotBuiltIn(name: string): void {
  if (!builtInCategories.some((category) => category.name === name)) return;
  throw new KernelscopeError('usage', `category '${name}' is built in and cannot be dropped`, {
    suggestions: ['delete its old records instead: kernelscope db prune --older-than 7d'],
  });
}

/** The error for a name that no category has. */
export function unknownCategory(name: string, names: Iterable<string>): KernelscopeError {
  return new KernelscopeError('unknown_category', `there is no category '${name}'`, {
    suggestions: suggestNames(name, names),
  });
}
