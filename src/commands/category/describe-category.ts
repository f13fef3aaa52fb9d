import { type Category, type Column, entryColumns } from '../../core/index.ts';

/** A category as `category add --file` takes it. */
export interface DescribedCategory {
  readonly name: string;
  readonly prettyName: string;
  readonly columns: readonly Column[];
}

/** Describes a category by the columns that its entries carry. */
export function describeCategory(category: Category): DescribedCategory {
  const columns = entryColumns(category).map((column) =>
    column.type === 'elapsed' ? { ...column, unit: column.unit ?? ('us' as const) } : column,
  );
  return { name: category.name, prettyName: category.prettyName, columns };
}
