import { KernelscopeError } from '../base/kernelscope-error.ts';
import { type Category, type Column, defineCategory, entryColumns } from '../category/define-category.ts';

/** Prints a category as the JSON that the category table keeps. */
export function encodeCategory(category: Category): string {
  return JSON.stringify({
    name: category.name,
    prettyName: category.prettyName,
    columns: entryColumns(category),
  });
}

/** Reads a category from the category table. Throws `database_invalid` where it is not a declaration. */
export function decodeCategory(text: string): Category {
  try {
    return defineCategory(
      JSON.parse(text) as { name: string; prettyName: string; columns: readonly Column[] },
    );
  } catch (error) {
    throw new KernelscopeError(
      'database_invalid',
      `the database declares a category that cannot be: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
