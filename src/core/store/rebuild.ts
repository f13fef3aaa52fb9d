import { type Category, entryColumns } from '../category/define-category.ts';
import { makeNumberColumn } from '../category/entry-columns.ts';
import type { SqlConnection } from './sql-connection.ts';
import { makeIdColumn } from './summary/id-column.ts';
import { packSummary } from './summary/pack-summary.ts';
import { summaryTableName } from './summary/summary-layout.ts';
import { isDictionary, rowTableName } from './table.ts';

/** Batches whose ids are read at a time. */
const BATCHES_PER_LOOKUP = 1000;

/** Makes the summaries of every batch anew from its rows; gives how many batches there are. */
export async function rebuildSummaries(
  connection: SqlConnection,
  categories: Iterable<Category>,
): Promise<number> {
  const all = [...categories];
  let count = 0;
  for (let last = -1; ; ) {
    const rows = await connection.all({
      text: `SELECT id FROM batch WHERE id > ? ORDER BY id LIMIT ${BATCHES_PER_LOOKUP}`,
      params: [last],
    });
    if (rows.length === 0) return count;
    for (const [id] of rows) {
      for (const category of all) await rebuildSummary(connection, category, Number(id));
      count++;
    }
    last = Number(rows.at(-1)![0]);
  }
}

async function rebuildSummary(connection: SqlConnection, category: Category, batchId: number): Promise<void> {
  const { dialect } = connection;
  const columns = entryColumns(category);
  const names = columns.map((column) => `r.${dialect.quote(column.name)}`).join(', ');
  const rows = await connection.all({
    text: `SELECT ${names} ${dialect.fromBatchesAndRows(dialect.quote(rowTableName(category)))} WHERE b.id = ?`,
    params: [batchId],
  });
  const table = dialect.quote(summaryTableName(category));
  await connection.run({ text: `DELETE FROM ${table} WHERE batch_id = ?`, params: [batchId] });
  if (rows.length === 0) return;
  const stored = columns.map((_, c) => rows.map((row) => (row[c] === null ? null : Number(row[c]))));
  const values = stored.map((column, c) =>
    isDictionary(columns[c]!) ? undefined : makeNumberColumn(column),
  );
  const ids = stored.map((column, c) => (isDictionary(columns[c]!) ? makeIdColumn(column) : undefined));
  const summary = packSummary({ category, length: rows.length, values }, ids);
  if (summary === undefined) return;
  await connection.run({
    text: `INSERT INTO ${table} (batch_id, by_stack, by_all) VALUES (?, ?, ?)`,
    params: [batchId, summary.byStack, summary.byAll],
  });
}
