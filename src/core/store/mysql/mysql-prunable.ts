import type { Category } from '../../category/define-category.ts';
import { type OldBatch, type Prunable, toOldBatch } from '../prune.ts';
import { summaryTableName } from '../summary/summary-layout.ts';
import { commonTables, rowTableName } from '../table.ts';
import { type MysqlPool, retried } from './mysql-driver.ts';

const SUMMARIES_PER_CHUNK = 200;

/** What pruning needs of a MySQL database. Every statement commits by itself: a batch goes rows first, its own row last. */
export function mysqlPrunable(pool: MysqlPool, name: string, categories: Prunable['categories']): Prunable {
  const all = async <T>(sql: string, params: readonly (string | number)[] = []) =>
    (await retried(() => pool.query(sql, [...params])))[0] as unknown as T[];
  const run = async (sql: string, params: readonly (string | number)[] = []) =>
    (await retried(() => pool.query(sql, [...params])))[0] as unknown as { affectedRows: number };
  const sizes = async () => {
    // InnoDB counts in the background; without this, what it says of a table may be a day old.
    for (const table of await tables()) await run(`ANALYZE TABLE \`${table}\``);
    const rows = await all<[number | string, number | string]>(
      'SELECT COALESCE(SUM(data_length + index_length), 0), COALESCE(SUM(data_free), 0) FROM information_schema.tables WHERE table_schema = ?',
      [name],
    );
    return { total: Number(rows[0]![0]), free: Number(rows[0]![1]) };
  };
  const tables = async () => [
    ...commonTables.map((table) => table.name),
    ...[...(await categories()).values()].flatMap((category) => [
      rowTableName(category),
      summaryTableName(category),
    ]),
  ];
  let before: { readonly bytes: number; readonly rows: number } | undefined;
  let deletedRows = 0;
  return {
    categories,
    async oldestBatches(olderThanUs, limit) {
      const where = olderThanUs === undefined ? '' : `WHERE time_last < ${olderThanUs}`;
      const rows = await all<[number, number, string]>(
        `SELECT id, row_count, accepted FROM batch ${where} ORDER BY time_last LIMIT ${limit}`,
      );
      return rows.map(toOldBatch);
    },
    async deleteBatches(batches: readonly OldBatch[]) {
      const ids = batches.map(({ id }) => id).join(', ');
      for (const category of (await categories()).values()) {
        await run(`DELETE FROM \`${rowTableName(category)}\` WHERE batch_id IN (${ids})`);
        await run(`DELETE FROM \`${summaryTableName(category)}\` WHERE batch_id IN (${ids})`);
      }
      await run(`DELETE FROM batch WHERE id IN (${ids})`);
      for (const { rowCount } of batches) deletedRows += rowCount;
    },
    async usedBytes() {
      // Deleting frees room inside of InnoDB's files that no table shows: what is left is reckoned from the rows gone.
      if (before === undefined) {
        const [row] = await all<[number | string]>('SELECT COALESCE(SUM(row_count), 0) FROM batch');
        const { total, free } = await sizes();
        before = { bytes: total - free, rows: Number(row![0]) + deletedRows };
      }
      return before.rows === 0 ? 0 : before.bytes * (1 - deletedRows / before.rows);
    },
    sourceIdsInUse: async () =>
      new Set((await all<[number]>('SELECT DISTINCT source_id FROM batch')).map(([id]) => Number(id))),
    async *summaries(category: Category) {
      const table = summaryTableName(category);
      for (let last = -1; ; ) {
        const rows = await all<[number, Uint8Array | null]>(
          `SELECT b.id, s.by_all FROM batch AS b LEFT JOIN \`${table}\` AS s ON s.batch_id = b.id WHERE b.id > ${last} ORDER BY b.id LIMIT ${SUMMARIES_PER_CHUNK}`,
        );
        if (rows.length === 0) return;
        yield rows.map(([batchId, byAll]) => ({ batchId: Number(batchId), byAll }));
        last = Number(rows.at(-1)![0]);
      }
    },
    async idsOfRows(category, column, batchId) {
      const rows = await all<[number | null]>(
        `SELECT DISTINCT \`${column}\` FROM \`${rowTableName(category)}\` WHERE batch_id = ${batchId}`,
      );
      return rows.flatMap(([id]) => (id === null ? [] : [Number(id)]));
    },
    idsSeenBefore: async (dictionary, seenUs) =>
      (await all<[number]>(`SELECT id FROM \`${dictionary}\` WHERE seen < ${seenUs}`)).map(([id]) =>
        Number(id),
      ),
    async deleteEntries(dictionary, ids, seenUs) {
      return (await run(`DELETE FROM \`${dictionary}\` WHERE id IN (${ids.join(', ')}) AND seen < ${seenUs}`))
        .affectedRows;
    },
    async giveBackSpace() {
      // In a Galera cluster this would hold up every node; there freed room is for new records.
      const [cluster] = await all<[string, string]>("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'");
      if (Number(cluster?.[1] ?? 0) > 0) return;
      // InnoDB rebuilds the table beside the old one while writers go on (online DDL), then drops the old file.
      for (const category of (await categories()).values()) {
        for (const table of [rowTableName(category), summaryTableName(category)])
          await run(`OPTIMIZE TABLE \`${table}\``);
      }
    },
    sizeBytes: async () => (await sizes()).total,
  };
}
