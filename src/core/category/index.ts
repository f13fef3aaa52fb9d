import { blockio } from './blockio.ts';
import type { Category } from './define-category.ts';
import { offcputime } from './offcputime.ts';
import { offwake } from './offwake.ts';
import { oncpu } from './oncpu.ts';
import { runqlat } from './runqlat.ts';

/** The categories that every database has from the start; a new built-in category is one more line here. */
export const builtInCategories: readonly Category[] = [offcputime];

/** Those that a database comes to have with the first record of them; a new one is one more line here. */
export const categoriesOnDemand: readonly Category[] = [oncpu, offwake, runqlat, blockio];

export { offcputime };
