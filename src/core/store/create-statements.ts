import { batchColumns, type Category, type Column, entryColumns } from '../category/define-category.ts';
import { rowTime } from '../query/compile-condition.ts';
import type { StoreDialect } from './dialect.ts';
import { encodeCategory } from './encode-category.ts';
import { summaryColumns, summaryTableName } from './summary/summary-layout.ts';
import {
  commonTables,
  isDictionary,
  rowTableColumns,
  rowTableName,
  SCHEMA_VERSION,
  type Table,
} from './table.ts';

/** The statements that make a database with these categories; each does nothing where its work is done already. */
export function createStatements(categories: readonly Category[], dialect: StoreDialect): readonly string[] {
  return [
    ...dialect.prelude,
    ...commonTables.flatMap((table) => createTable(table, dialect)),
    `${dialect.insertIgnore('meta', ['name', 'value'])} ('schema_version', '${SCHEMA_VERSION}')`,
    ...categories.flatMap((category, position) => createCategoryStatements(category, position, dialect)),
  ];
}

/** The statements that add one category: its tables, its flat view and its declaration. */
export function createCategoryStatements(
  category: Category,
  position: number,
  dialect: StoreDialect,
): readonly string[] {
  const definition = sqlText(encodeCategory(category));
  return [
    ...createCategoryTables(category, dialect),
    `${dialect.insertIgnore('category', ['name', 'position', 'definition'])} ('${category.name}', ${position}, ${definition})`,
  ];
}

/** The statements that make a category's tables and its flat view. */
export function createCategoryTables(category: Category, dialect: StoreDialect): readonly string[] {
  return [
    ...createTable(rowTable(category, dialect), dialect),
    ...createSummaryTable(category, dialect),
    ...createFlatView(category, dialect),
  ];
}

/** The statements that take a category's view and tables away; each does nothing where its work is done already. */
export function dropCategoryTables(category: Category, dialect: StoreDialect): readonly string[] {
  const { quote } = dialect;
  return [
    `DROP VIEW IF EXISTS ${quote(category.name)}`,
    `DROP TABLE IF EXISTS ${quote(rowTableName(category))}`,
    `DROP TABLE IF EXISTS ${quote(summaryTableName(category))}`,
  ];
}

function rowTable(category: Category, dialect: StoreDialect): Table {
  return {
    name: rowTableName(category),
    comment: `The records of ${category.name}; read them through the view ${category.name}.`,
    columns: [...dialect.rowKey, ...rowTableColumns(category)],
    primaryKey: dialect.rowKey.map((column) => column.name),
  };
}

/** The statements that change a category's declaration, and its view with it. */
export function declareCategory(category: Category, dialect: StoreDialect): readonly string[] {
  return [
    `UPDATE category SET definition = ${sqlText(encodeCategory(category))} WHERE name = '${category.name}'`,
    ...createFlatView(category, dialect),
  ];
}

/** The statement that makes the table of a category's summaries. */
export function createSummaryTable(category: Category, dialect: StoreDialect): readonly string[] {
  const table: Table = {
    name: summaryTableName(category),
    comment: `What each batch's records of ${category.name} come to, packed; kernelscope db rebuild makes it anew from the rows.`,
    columns: summaryColumns,
    primaryKey: ['batch_id'],
  };
  return createTable(table, dialect);
}

function createTable(table: Table, dialect: StoreDialect): readonly string[] {
  const { quote } = dialect;
  const singleKey = table.primaryKey.length === 1 ? table.primaryKey[0] : undefined;
  const lines = table.columns.map((column) => {
    const inlineKey = column.name === singleKey ? ' PRIMARY KEY' : '';
    return `${quote(column.name)} ${dialect.columnTypes[column.kind]}${column.nullable ? '' : ' NOT NULL'}${inlineKey}`;
  });
  if (singleKey === undefined) lines.push(`PRIMARY KEY (${table.primaryKey.map(quote).join(', ')})`);
  for (const columns of table.unique ?? []) lines.push(`UNIQUE (${columns.map(quote).join(', ')})`);
  if (dialect.inlineIndexes) {
    for (const columns of table.indexes ?? [])
      lines.push(`INDEX ${quote(indexName(table, columns))} (${columns.map(quote).join(', ')})`);
  }
  const create = `-- ${table.comment}\nCREATE TABLE IF NOT EXISTS ${quote(table.name)} (\n  ${lines.join(',\n  ')}\n)${dialect.tableSuffix(table)}`;
  if (dialect.inlineIndexes) return [create];
  const indexes = (table.indexes ?? []).map(
    (columns) =>
      `CREATE INDEX IF NOT EXISTS ${quote(indexName(table, columns))} ON ${quote(table.name)} (${columns.map(quote).join(', ')})`,
  );
  return [create, ...indexes];
}

function indexName(table: Table, columns: readonly string[]): string {
  return `${table.name}_${columns.join('_')}`;
}

/** The view under the category's own name, with its columns in declared order, names in place of ids. */
function createFlatView(category: Category, dialect: StoreDialect): readonly string[] {
  const { quote } = dialect;
  const row = quote(rowTableName(category));
  const dictionaries = entryColumns(category).filter(isDictionary);
  const columns = category.columns.map(
    (column) => `${viewExpression(column, dialect)} AS ${quote(column.name)}`,
  );
  const joins = dictionaries.map(
    (column) =>
      `LEFT JOIN ${quote(column.type)} AS ${quote(`${column.name}_entry`)} ON ${quote(`${column.name}_entry`)}.id = r.${quote(column.name)}`,
  );
  const select = [
    `SELECT ${columns.join(', ')}`,
    dialect.fromBatchesAndRows(row),
    `JOIN source AS origin ON origin.id = b.source_id`,
    ...joins,
  ].join('\n');
  return dialect.createView(category.name, select);
}

function viewExpression(column: Column, dialect: StoreDialect): string {
  const { quote } = dialect;
  if (column.name === batchColumns[0].name) return 'origin.hostname';
  if (column.name === batchColumns[1].name) return dialect.readableTime(rowTime);
  if (isDictionary(column)) return `${quote(`${column.name}_entry`)}.value`;
  const stored = `r.${quote(column.name)}`;
  return column.type === 'timestamp' ? dialect.readableTime(stored) : stored;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
