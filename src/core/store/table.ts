import {
  batchColumns,
  type Category,
  type Column,
  entryColumns,
  isText,
} from '../category/define-category.ts';

/**
 * What a table's column holds: `key` is an integer primary key, `id` refers to one, `integer` is a whole number of up
 * to 2^53, `name` a short text that can be indexed, `text` a long one, `blob` packed bytes.
 */
export type TableColumnKind = 'key' | 'id' | 'integer' | 'name' | 'text' | 'blob';

export interface TableColumn {
  readonly name: string;
  readonly kind: TableColumnKind;
  readonly nullable?: boolean;
}

/** A table in terms of no one database. Every table has a primary key, and none a foreign key or trigger. */
export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
  /** What the table is for, printed into sql/. */
  readonly comment: string;
}

/** Version of the tables; a file of another version is migrated or refused. */
export const SCHEMA_VERSION = 4;

/** When an entry was last known to be in use, within `CACHE_LIFETIME_MS`: unused ones go only long after. */
const seen: TableColumn = { name: 'seen', kind: 'integer' };

/** The tables that every database has. */
export const commonTables: readonly Table[] = [
  {
    name: 'meta',
    comment: 'What the database says of itself: schema_version.',
    columns: [
      { name: 'name', kind: 'name' },
      { name: 'value', kind: 'text' },
    ],
    primaryKey: ['name'],
  },
  {
    name: 'category',
    comment: 'The declared categories, built-in and added, as JSON.',
    columns: [
      { name: 'name', kind: 'name' },
      { name: 'position', kind: 'integer' },
      { name: 'definition', kind: 'text' },
    ],
    primaryKey: ['name'],
  },
  {
    name: 'source',
    comment: 'Where batches come from: each distinct host and labels (a JSON object, keys in order) once.',
    columns: [
      { name: 'id', kind: 'key' },
      { name: 'hash', kind: 'integer' },
      { name: 'hostname', kind: 'text' },
      { name: 'labels', kind: 'text' },
      seen,
    ],
    primaryKey: ['id'],
    unique: [['hash']],
  },
  {
    name: 'string',
    comment: 'Each distinct string of a record once.',
    columns: [
      { name: 'id', kind: 'key' },
      { name: 'hash', kind: 'integer' },
      { name: 'value', kind: 'text' },
      seen,
    ],
    primaryKey: ['id'],
    unique: [['hash']],
  },
  {
    name: 'stack',
    comment: 'Each distinct stack once, root first, frames parted by a semicolon.',
    columns: [
      { name: 'id', kind: 'key' },
      { name: 'hash', kind: 'integer' },
      { name: 'value', kind: 'text' },
      seen,
    ],
    primaryKey: ['id'],
    unique: [['hash']],
  },
  {
    name: 'batch',
    comment: 'One row per accepted batch; times in microseconds since 1970 UTC, key is the idempotency key.',
    columns: [
      { name: 'id', kind: 'key' },
      { name: 'source_id', kind: 'id' },
      { name: 'time', kind: 'integer' },
      { name: 'time_first', kind: 'integer' },
      { name: 'time_last', kind: 'integer' },
      { name: 'received', kind: 'integer' },
      { name: 'lost', kind: 'integer' },
      { name: 'key', kind: 'name', nullable: true },
      { name: 'row_count', kind: 'integer' },
      { name: 'accepted', kind: 'text' },
    ],
    primaryKey: ['id'],
    unique: [['key']],
    indexes: [['time_last']],
  },
];

/** The table of a category's records. */
export function rowTableName(category: Category): string {
  return `${category.name}_row`;
}

/** The columns of a category's row table behind its key: one per entry column, dictionary columns as ids. */
export function rowTableColumns(category: Category): readonly TableColumn[] {
  return [
    ...entryColumns(category).map((column) => ({
      name: column.name,
      kind: isDictionary(column) ? ('id' as const) : ('integer' as const),
      nullable: column.optional ?? false,
    })),
    { name: 'time_offset', kind: 'integer', nullable: true },
  ];
}

/** Tells whether a column's values are kept once, in a dictionary, and rows hold ids. */
export function isDictionary(column: Column): boolean {
  return isText(column);
}

/** Tells whether a column is the batch's, not the row's. */
export function isBatchColumn(name: string): boolean {
  return batchColumns.some((column) => column.name === name);
}
