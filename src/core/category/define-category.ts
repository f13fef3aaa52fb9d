import { KernelscopeError } from '../base/kernelscope-error.ts';
import { isName, MAX_NAME_LENGTH } from '../base/names.ts';
import { type ElapsedUnit, elapsedUnits } from '../base/units.ts';

/** The column types of every API, by exactly these words. */
export const columnTypes = ['string', 'timestamp', 'int', 'stack', 'elapsed'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** One typed column. `unit` is there for `elapsed` alone; an `optional` column may be absent from an entry. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly prettyName: string;
  readonly unit?: ElapsedUnit;
  readonly optional?: boolean;
}

/** A named table of records. `columns` starts with `hostname` and `time`, which every category has. */
export interface Category<C extends readonly Column[] = readonly Column[]> {
  readonly name: string;
  readonly prettyName: string;
  readonly columns: C;
}

/** The columns that come from the batch, not from the entry, in every category. */
export const batchColumns = [
  { name: 'hostname', type: 'string', prettyName: 'Hostname' },
  { name: 'time', type: 'timestamp', prettyName: 'Time' },
] as const satisfies readonly Column[];

/** Keys of a batch that are not categories, so that no category may take them as its name. */
export const reservedCategoryNames: readonly string[] = ['hostname', 'time', 'labels', 'lost'];

/** Names that would clash with the store's own tables and views; every object of JavaScript has a constructor. */
const takenNames =
  /^(sqlite_.*|kernelscope.*|source|string|stack|batch|category|meta|constructor)$|_(row|summary)$/;

/** Names that a query or the store gives a meaning of its own; every object of JavaScript has a constructor. */
const reservedColumnNames: readonly string[] = [
  'id',
  'labels',
  'lost',
  'expr',
  'conditions',
  'constructor',
  'batch_id',
  'seq',
  'time_offset',
];

/** A value of a record: text, a whole number (timestamps in microseconds since 1970 UTC), or absent. */
export type Value = string | number | null;

/** One record of a category: a wrong column name is a type error where the category is known. */
export type Row<C extends Category = Category> = {
  readonly [K in C['columns'][number] as K['name']]: K['type'] extends 'string' | 'stack'
    ? string | null
    : K['type'] extends 'int' | 'elapsed' | 'timestamp'
      ? number | null
      : Value;
};

/** The names of a category's columns, as a type. */
export type ColumnName<C extends Category> = C['columns'][number]['name'];

type WithBatchColumns<C extends readonly Column[]> = readonly [...typeof batchColumns, ...C];

/**
 * Declares a category by the columns that its entries carry; `hostname` and `time` are put before them.
 * Throws `bad_category` for a name, type or unit that cannot be.
 */
export function defineCategory<const C extends readonly Column[]>(declaration: {
  readonly name: string;
  readonly prettyName: string;
  readonly columns: C;
}): Category<WithBatchColumns<C>> {
  const { name, prettyName, columns } = declaration;
  checkName('category', name);
  if (reservedCategoryNames.includes(name) || takenNames.test(name)) {
    throw new KernelscopeError('bad_category', `no category may be called '${name}'`, {
      suggestions: [`'${name}' has a meaning of its own in a batch or in the database; choose another name`],
    });
  }
  if (columns.length === 0)
    throw new KernelscopeError('bad_category', `category '${name}' declares no column`);
  const seen = new Set<string>(batchColumns.map((column) => column.name));
  for (const column of columns) {
    checkColumn(name, column);
    if (seen.has(column.name)) {
      throw new KernelscopeError(
        'bad_category',
        `category '${name}' declares column '${column.name}' twice`,
        {
          suggestions: ['hostname and time are there in every category and are not declared'],
        },
      );
    }
    seen.add(column.name);
  }
  return { name, prettyName, columns: [...batchColumns, ...columns] };
}

/** Gives the columns that an entry of the category carries itself: all but `hostname` and `time`. */
export function entryColumns(category: Category): readonly Column[] {
  return category.columns.slice(batchColumns.length);
}

/** Finds a column by its name, or undefined. */
export function findColumn(category: Category, name: string): Column | undefined {
  return category.columns.find((column) => column.name === name);
}

/** Finds the column that says how many events a record stands for: an int called `count`; a record without it is one. */
export function countColumn(category: Category): Column | undefined {
  return entryColumns(category).find(({ name, type }) => name === 'count' && type === 'int');
}

/** Tells whether the column holds text. */
export function isText(column: Column): boolean {
  return column.type === 'string' || column.type === 'stack';
}

/** Tells whether the column holds numbers that can be summed or weighed. */
export function isNumeric(column: Column): boolean {
  return column.type === 'int' || column.type === 'elapsed';
}

function checkColumn(categoryName: string, column: Column): void {
  const place = `column '${column.name}' of category '${categoryName}'`;
  checkName(`column of category '${categoryName}'`, column.name);
  if (reservedColumnNames.includes(column.name)) {
    throw new KernelscopeError('bad_category', `no column may be called '${column.name}'`, {
      suggestions: [`reserved are: ${reservedColumnNames.join(', ')}`],
    });
  }
  if (!columnTypes.includes(column.type)) {
    throw new KernelscopeError('bad_category', `${place} has the unknown type '${column.type}'`, {
      suggestions: [`types are: ${columnTypes.join(', ')}`],
    });
  }
  if (column.unit !== undefined && column.type !== 'elapsed') {
    throw new KernelscopeError('bad_category', `${place} has a unit, which only an elapsed column can have`);
  }
  if (column.unit !== undefined && !elapsedUnits.includes(column.unit)) {
    throw new KernelscopeError('bad_category', `${place} has the unknown unit '${column.unit}'`, {
      suggestions: [`units are: ${elapsedUnits.join(', ')}`],
    });
  }
}

function checkName(what: string, name: string): void {
  if (typeof name === 'string' && isName(name)) return;
  throw new KernelscopeError('bad_category', `'${name}' cannot be the name of a ${what}`, {
    suggestions: [
      `a name is a lower-case letter, then lower-case letters, digits and '_', at most ${MAX_NAME_LENGTH}`,
    ],
  });
}
