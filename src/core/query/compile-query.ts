import { type Category, type Column, countColumn, findColumn } from '../category/define-category.ts';
import { compileBatchCondition, compileCondition, rowTime } from './compile-condition.ts';
import type { Page, RowQuery, StackQuery } from './query.ts';
import { isAboutBatch, type Resolved, relaxToBatch } from './resolve-condition.ts';
import { concatSql, plainSql, type Sql, type SqlDialect } from './sql.ts';

/** How a selected value becomes what the query asked for: an id to be looked up in a dictionary, or itself. */
export type CellKind = 'source' | 'string' | 'stack' | 'value';

/** A statement for records, with what each of its columns holds; names are looked up by the caller, last. */
export interface CompiledRows {
  readonly sql: Sql;
  readonly cells: readonly { readonly column: string; readonly kind: CellKind }[];
}

/** Compiles a question for records: ids throughout, sorted and cut before anything is joined that is only shown. */
export function compileRows(
  query: RowQuery,
  resolved: Resolved,
  rowTable: string,
  dialect: SqlDialect,
): CompiledRows {
  const cells = query.columns.map((name) => ({
    column: name,
    kind: cellKind(requireColumn(query.category, name)),
  }));
  const expressions = cells.map((cell) => cellExpression(cell.column, dialect));
  const order = [
    ...query.sort.map((key) => sortExpression(query.category, key.column, key.descending, dialect)),
    ...dialect.rowOrder,
  ].join(', ');
  const limit = compilePage(query);
  const showsBatch = query.columns.some(isOfBatch);
  const asksBatch = testsBatch(resolved) || query.sort.some((key) => isOfBatch(key.column));
  if (showsBatch && !asksBatch && query.limit !== undefined) {
    // Few rows come out: find them in the row table alone, then reach for the batch of each.
    const inner = concatSql(
      [
        plainSql(`(SELECT * FROM ${rowTable} AS r WHERE`),
        compileCondition(resolved, dialect),
        plainSql(`ORDER BY ${order}${limit})`),
      ],
      ' ',
    );
    const from = dialect.fromRowsAndBatch(inner.text);
    return {
      cells,
      sql: { text: `SELECT ${expressions.join(', ')} ${from} ORDER BY ${order}`, params: inner.params },
    };
  }
  const joinsBatch = showsBatch || asksBatch;
  const source = compileRecords(resolved, rowTable, dialect, joinsBatch);
  const walksBatches = joinsBatch && query.sort.length === 0;
  // A page is a part of one order, whichever page it is; all records may come as the database finds them.
  const orderBy = walksBatches ? (limit === '' ? '' : dialect.batchOrder.join(', ')) : order;
  const text = `SELECT ${expressions.join(', ')} ${source.text}${orderBy && ` ORDER BY ${orderBy}`}${limit}`;
  return { cells, sql: { text, params: source.params } };
}

/** The parts of a statement that weighs stacks: what to group by, what to add up, and where from. */
export interface CompiledWeights {
  readonly key: string;
  /** 1 where each record weighs the same. */
  readonly weight: string;
  /** From FROM on. */
  readonly source: Sql;
}

/** Compiles a question for weighed stacks. */
export function compileWeights(
  query: StackQuery,
  resolved: Resolved,
  rowTable: string,
  dialect: SqlDialect,
): CompiledWeights {
  const source = compileRecords(resolved, rowTable, dialect, testsBatch(resolved));
  const key = `r.${dialect.quote(query.stack)}`;
  const notNull = plainSql(`AND ${key} IS NOT NULL`);
  return {
    key,
    weight: weightExpression(query, dialect),
    source: concatSql([source, notNull], ' '),
  };
}

/** What a record weighs: 1 without a column, and one event where it does not say how many it stands for. */
function weightExpression({ category, weight }: StackQuery, dialect: SqlDialect): string {
  if (weight === undefined) return '1';
  const column = `r.${dialect.quote(weight)}`;
  return weight === countColumn(category)?.name ? `COALESCE(${column}, 1)` : column;
}

/** Compiles a question for the packed summaries of the batches that a condition may be about, with what each batch says. */
export function compileSummaries(
  category: Category,
  resolved: Resolved,
  { summaryTable, column }: { readonly summaryTable: string; readonly column: string },
  dialect: SqlDialect,
): Sql {
  const where = compileBatchCondition(relaxToBatch(resolved), dialect);
  const select = `SELECT b.id, b.source_id, b.time_first, b.time_last, s.${dialect.quote(column)}`;
  const from = `FROM batch AS b LEFT JOIN ${summaryTable} AS s ON s.batch_id = b.id`;
  return {
    text: `${select} ${from} WHERE ${isOfCategory(category)} AND ${where.text}`,
    params: where.params,
  };
}

/** Tests a batch for a category: `accepted` is JSON of our own making, the categories with the numbers of their records. */
function isOfCategory(category: Category): string {
  return `instr(b.accepted, '"${category.name}":') > 0`;
}

/**
 * Compiles what batches a condition is about: number and lost events of those that may hold matching records, or of
 * which nothing is known but what was lost.
 */
export function compileScope(category: Category, resolved: Resolved, dialect: SqlDialect): Sql {
  const where = compileBatchCondition(relaxToBatch(resolved), dialect);
  return {
    text: `SELECT count(*), COALESCE(sum(b.lost + 0.0), 0) FROM batch AS b WHERE (b.accepted = '{}' OR ${isOfCategory(category)}) AND ${where.text}`,
    params: where.params,
  };
}

/** Compiles which part of the answer is wanted; behind ORDER BY, with a space before it. */
export function compilePage({ limit, offset }: Page): string {
  if (limit === undefined && offset === undefined) return '';
  // The parser made sure that they are whole numbers; bound, some databases would take them for fractions.
  return ` LIMIT ${limit ?? Number.MAX_SAFE_INTEGER}${offset === undefined ? '' : ` OFFSET ${offset}`}`;
}

/** Compiles where matching records come from, from FROM on: the rows `r`, and their batches `b` where those are needed. */
export function compileRecords(
  resolved: Resolved,
  rowTable: string,
  dialect: SqlDialect,
  joinsBatch: boolean,
): Sql {
  if (!joinsBatch) return compileRowSource(resolved, rowTable, dialect);
  const batches = compileBatchCondition(relaxToBatch(resolved), dialect);
  const rows = compileCondition(resolved, dialect);
  return concatSql(
    [plainSql(`${dialect.fromBatchesAndRows(rowTable)} WHERE`), batches, plainSql('AND'), rows],
    ' ',
  );
}

function compileRowSource(resolved: Resolved, rowTable: string, dialect: SqlDialect): Sql {
  const rows = compileCondition(resolved, dialect);
  return concatSql([plainSql(`FROM ${rowTable} AS r WHERE`), rows], ' ');
}

/** Tells whether a condition tests anything that rows do not hold themselves. */
export function testsBatch(resolved: Resolved): boolean {
  if (resolved.kind === 'and' || resolved.kind === 'or') return resolved.conditions.some(testsBatch);
  return isAboutBatch(resolved);
}

/** Tells whether a column's values are found by the batch of a row. */
export function isOfBatch(column: string): boolean {
  return column === 'hostname' || column === 'time';
}

/** What holds a column's value or id in a statement over rows `r` and their batches `b`. */
export function cellExpression(column: string, dialect: SqlDialect): string {
  if (column === 'hostname') return 'b.source_id';
  if (column === 'time') return rowTime;
  return `r.${dialect.quote(column)}`;
}

function cellKind(column: Column): CellKind {
  if (column.name === 'hostname') return 'source';
  return column.type === 'string' || column.type === 'stack' ? column.type : 'value';
}

function sortExpression(category: Category, name: string, descending: boolean, dialect: SqlDialect): string {
  const kind = cellKind(requireColumn(category, name));
  const stored = cellExpression(name, dialect);
  const expression =
    kind === 'source'
      ? `(SELECT ${dialect.exactText('hostname')} FROM source WHERE id = ${stored})`
      : kind === 'value'
        ? stored
        : `(SELECT ${dialect.exactText('value')} FROM ${dialect.quote(kind)} WHERE id = ${stored})`;
  return `${expression}${descending ? ' DESC' : ''}`;
}

function requireColumn(category: Category, name: string): Column {
  const column = findColumn(category, name);
  if (column === undefined) throw new Error(`no column ${name} in ${category.name}`);
  return column;
}
