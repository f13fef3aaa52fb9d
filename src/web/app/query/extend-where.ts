import { KernelscopeError } from '../../../core/base/kernelscope-error.ts';
import type { Category } from '../../../core/category/define-category.ts';
import type { Comparison } from '../../../core/query/condition.ts';
import { parseWhere } from '../../../core/query/parse-where.ts';
import { printWhere } from '../../../core/query/print-where.ts';

/** Adds a comparison to a where clause, whose own words stay as they were written. */
export function extendWhere(where: string, comparison: Comparison, category: Category): string {
  const added = printWhere(comparison, category);
  if (where.trim() === '') return added;
  return bindsWeaker(where, category) ? `(${where.trim()}) and ${added}` : `${where.trim()} and ${added}`;
}

/** Makes the comparison with stacks that have, or do not have, a frame of exactly that name. */
export function compareFrame(column: string, name: string, isWanted: boolean): Comparison {
  const literal = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return {
    kind: 'compare',
    field: column,
    operator: isWanted ? '~' : '!~',
    value: `(^|;)${literal}(;|$)`,
  };
}

function bindsWeaker(where: string, category: Category): boolean {
  try {
    return parseWhere(where, category, 0).kind === 'or';
  } catch (error) {
    if (error instanceof KernelscopeError) return true;
    throw error;
  }
}
