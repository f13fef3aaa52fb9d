import { KernelscopeError } from '../../../core/base/kernelscope-error.ts';
import { suggestNames } from '../../../core/base/names.ts';
import { type Category, type Column, isNumeric } from '../../../core/category/define-category.ts';
import { parseSortKey } from '../../../core/query/parse-query.ts';
import type { SortKey } from '../../../core/query/query.ts';
import type { WeightUnit } from '../../../core/stack/weight-unit.ts';
import type { ViewState } from '../view-state.ts';

/** What stacks can be weighed by. */
export interface Weight {
  readonly name: string;
  readonly label: string;
  readonly unit: WeightUnit;
  /** Absent where each record weighs 1. */
  readonly column?: string;
}

/** What of a category is shown. `stack` is absent where the category has none. */
export interface Choice {
  readonly category: Category;
  readonly stack?: Column;
  readonly weight: Weight;
  readonly sort: SortKey;
}

const COUNT = 'count';

/** Lists the columns that hold stacks. */
export function stackColumns(category: Category): readonly Column[] {
  return category.columns.filter((column) => column.type === 'stack');
}

/** Lists what stacks can be weighed by: durations, other numbers, and how many records there are. */
export function listWeights(category: Category): readonly Weight[] {
  const columns = category.columns.filter(isNumeric).map(weightOf);
  const count: Weight = { name: COUNT, label: 'Records', unit: 'count' };
  const counts = columns.some((weight) => weight.name === COUNT) ? [] : [count];
  const isDuration = (weight: Weight) => weight.unit !== 'count';
  return [...columns.filter(isDuration), ...columns.filter((weight) => !isDuration(weight)), ...counts];
}

/**
 * Chooses what the view names, or else what a category is usually looked at by: its first stack column, its first
 * duration or else the number of records, the heaviest records first. Throws `unknown_category` or `unknown_column`.
 */
export function chooseColumns(view: ViewState, categories: ReadonlyMap<string, Category>): Choice {
  const category = view.category === '' ? [...categories.values()][0] : categories.get(view.category);
  if (categories.size === 0) throw new KernelscopeError('unknown_category', 'no category is declared yet');
  if (category === undefined) {
    throw new KernelscopeError('unknown_category', `there is no category '${view.category}'`, {
      suggestions: suggestNames(view.category, categories.keys()),
    });
  }
  const stacks = stackColumns(category);
  const stack = choose(stacks, view.stack, `'${category.name}' has no stack column`) ?? stacks[0];
  const weights = listWeights(category);
  const usual = weights[0]!.unit === 'count' ? weights.at(-1)! : weights[0]!;
  const weight = choose(weights, view.weight, `nothing in '${category.name}' that weighs is called`) ?? usual;
  const usualSort = { column: weight.column ?? 'time', descending: true };
  const sort = view.sort === '' ? usualSort : parseSortKey(view.sort, category);
  return stack === undefined ? { category, weight, sort } : { category, stack, weight, sort };
}

function weightOf(column: Column): Weight {
  const unit = column.type === 'elapsed' ? (column.unit ?? 'us') : 'count';
  return { name: column.name, label: column.prettyName, unit, column: column.name };
}

function choose<T extends { readonly name: string }>(
  candidates: readonly T[],
  name: string,
  complaint: string,
): T | undefined {
  if (name === '') return undefined;
  const found = candidates.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw new KernelscopeError('unknown_column', `${complaint} '${name}'`, {
    suggestions: suggestNames(
      name,
      candidates.map((candidate) => candidate.name),
    ),
  });
}
