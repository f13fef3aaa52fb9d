import type { Category } from './define-category.ts';
import { offcputime } from './offcputime.ts';

/** The categories that every database has from the start; a new built-in category is one more line here. */
export const builtInCategories: readonly Category[] = [offcputime];

export { offcputime };
