import { KernelscopeError } from '../base/kernelscope-error.ts';
import { batchColumns, type Category, type Column, defineCategory } from '../category/define-category.ts';

/** A column as `getcategories` shows it (SPEC 3). */
interface EncodedColumn {
  readonly name: string;
  readonly type: string;
  readonly prettyname: string;
  readonly unit?: string;
  /** There where an entry may leave the column out. */
  readonly optional?: true;
}

/** Makes the answer of `GET /api/getcategories`: the columns of each category in declared order. */
export function encodeCategories(categories: Iterable<Category>): Record<string, readonly EncodedColumn[]> {
  return Object.fromEntries(
    [...categories].map((category) => [category.name, category.columns.map(encodeColumn)]),
  );
}

/** Reads the answer of `GET /api/getcategories`. Throws `service_unavailable` where it is something else. */
export function decodeCategories(json: unknown): ReadonlyMap<string, Category> {
  try {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new TypeError('not an object');
    const encoded = json as Record<string, readonly EncodedColumn[]>;
    return new Map(Object.entries(encoded).map(([name, columns]) => [name, decodeCategory(name, columns)]));
  } catch (error) {
    throw new KernelscopeError(
      'service_unavailable',
      `the service's categories cannot be read: ${(error as Error).message}`,
      {
        suggestions: ['the address must be that of a kernelscope web service'],
        cause: error,
      },
    );
  }
}

function encodeColumn(column: Column): EncodedColumn {
  const { name, type, prettyName, unit, optional } = column;
  return {
    name,
    type,
    prettyname: prettyName,
    ...(type === 'elapsed' && { unit: unit ?? 'us' }),
    ...(optional && { optional }),
  };
}

function decodeCategory(name: string, columns: readonly EncodedColumn[]): Category {
  const declared = columns
    .slice(batchColumns.length)
    .map(({ prettyname, ...column }) => ({ ...column, prettyName: prettyname }) as Column);
  return defineCategory({ name, prettyName: name, columns: declared });
}
