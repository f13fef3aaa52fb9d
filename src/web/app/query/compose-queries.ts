import { KernelscopeError } from '../../../core/base/kernelscope-error.ts';
import type { Category } from '../../../core/category/define-category.ts';
import { allOf, type Condition } from '../../../core/query/condition.ts';
import type { RowQuery, StackQuery } from '../../../core/query/query.ts';
import { type Filters, readFilters } from '../../../core/query/read-filters.ts';
import { noFilters, type ViewState } from '../view-state.ts';
import type { Choice } from './choose-columns.ts';

/** The fields in which filters are written. */
export type FilterField = keyof typeof noFilters;
/** What is wrong with filters, by field. */
export type FilterProblems = ReadonlyMap<FilterField, KernelscopeError>;

export interface Queries {
  /** Absent where the category has no stacks. */
  readonly stacks?: StackQuery;
  readonly rows: RowQuery;
}

/**
 * Makes one condition of all filters, and another of those that hold for what it is compared with, if it is; or says what
 * is wrong with each. Times are relative to `nowUs`.
 */
export function composeCondition(
  filters: Pick<ViewState, FilterField>,
  category: Category,
  nowUs: number,
): { readonly condition: Condition; readonly base?: Condition; readonly problems: FilterProblems } {
  const conditions = new Map<FilterField, Condition>();
  const problems = new Map<FilterField, KernelscopeError>();
  for (const field of Object.keys(noFilters) as FilterField[]) {
    if (filters[field].length === 0) continue;
    try {
      const filter = field === 'against' ? { where: filters.against } : { [field]: filters[field] };
      conditions.set(field, readFilters(filter satisfies Filters, category, nowUs));
    } catch (error) {
      if (!(error instanceof KernelscopeError)) throw error;
      problems.set(field, error);
    }
  }
  const without = (left: FilterField) =>
    allOf([...conditions].flatMap(([field, condition]) => (field === left ? [] : [condition])));
  const condition = without('against');
  return conditions.has('against')
    ? { condition, base: without('where'), problems }
    : { condition, problems };
}

/** Makes the questions that the page asks: the weighed stacks, and the first records in order. */
export function composeQueries(choice: Choice, where: Condition, limit: number): Queries {
  const { category, stack, weight, sort } = choice;
  const columns = category.columns.map((column) => column.name);
  const rows: RowQuery = { kind: 'rows', category, columns, where, sort: [sort], limit };
  if (stack === undefined) return { rows };
  const weighed = weight.column === undefined ? {} : { weight: weight.column };
  return { rows, stacks: { kind: 'stacks', category, stack: stack.name, ...weighed, where } };
}
