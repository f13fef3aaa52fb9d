import { setTimeout as delay } from 'node:timers/promises';
import type { Category } from '../../category/define-category.ts';
import { type DictionaryTable, type OldBatch, type Prunable, toOldBatch } from '../prune.ts';
import { summaryTableName } from '../summary/summary-layout.ts';
import { rowTableName } from '../table.ts';
import { inTransaction, LOCK_POLL_MS, type SqliteDatabase, sqliteFileBytes } from './sqlite-driver.ts';

/** Pages that one step gives back: some milliseconds of work. */
const PAGES_PER_STEP = 1000;
/** How long writers of other processes are let through between two steps, longer than they wait to look again. */
const PAUSE_MS = 2 * LOCK_POLL_MS;
const SUMMARIES_PER_CHUNK = 50;

/** What pruning needs of a SQLite database; between two calls others get their turn, of this process and of others. */
export function sqlitePrunable(database: SqliteDatabase, categories: Prunable['categories']): Prunable {
  const all = <T>(sql: string, ...params: unknown[]) =>
    database
      .prepare<unknown[]>(sql)
      .raw()
      .all(...params) as T[];
  const pages = (name: string) => Number(database.pragma(name, { simple: true }));
  return {
    categories,
    async oldestBatches(olderThanUs, limit) {
      const where = olderThanUs === undefined ? '' : 'WHERE time_last < ?';
      const params = olderThanUs === undefined ? [limit] : [olderThanUs, limit];
      const rows = all<[number, number, string]>(
        `SELECT id, row_count, accepted FROM batch ${where} ORDER BY time_last LIMIT ?`,
        ...params,
      );
      return rows.map(toOldBatch);
    },
    async deleteBatches(batches: readonly OldBatch[]) {
      const names = [...(await categories()).values()];
      inTransaction(database, () => {
        for (const { id, rowCount } of batches) {
          for (const category of names) {
            database
              .prepare(`DELETE FROM "${rowTableName(category)}" WHERE id >= ? AND id < ?`)
              .run(id, id + rowCount);
            database.prepare(`DELETE FROM "${summaryTableName(category)}" WHERE batch_id = ?`).run(id);
          }
          database.prepare('DELETE FROM batch WHERE id = ?').run(id);
        }
      });
      await delay(PAUSE_MS);
    },
    usedBytes: async () => (pages('page_count') - pages('freelist_count')) * pages('page_size'),
    sourceIdsInUse: async () =>
      new Set(all<[number]>('SELECT DISTINCT source_id FROM batch').map(([id]) => id)),
    async *summaries(category: Category) {
      const table = summaryTableName(category);
      for (let last = -1; ; ) {
        const rows = all<[number, Uint8Array | null]>(
          `SELECT b.id, s.by_all FROM batch AS b LEFT JOIN "${table}" AS s ON s.batch_id = b.id WHERE b.id > ? ORDER BY b.id LIMIT ${SUMMARIES_PER_CHUNK}`,
          last,
        );
        if (rows.length === 0) return;
        yield rows.map(([batchId, byAll]) => ({ batchId, byAll }));
        last = rows.at(-1)![0];
        await delay(PAUSE_MS);
      }
    },
    async idsOfRows(category, column, batchId) {
      const sql = `SELECT DISTINCT "${column}" FROM "${rowTableName(category)}" AS r JOIN batch AS b ON r.id >= b.id AND r.id < b.id + b.row_count WHERE b.id = ?`;
      return all<[number | null]>(sql, batchId).flatMap(([id]) => (id === null ? [] : [id]));
    },
    idsSeenBefore: async (dictionary: DictionaryTable, seenUs: number) =>
      all<[number]>(`SELECT id FROM "${dictionary}" WHERE seen < ?`, seenUs).map(([id]) => id),
    async deleteEntries(dictionary, ids, seenUs) {
      // The last entry stays: SQLite numbers the next one behind it, and no id that a reader remembers comes again.
      const sql = `DELETE FROM "${dictionary}" WHERE id IN (SELECT value FROM json_each(?)) AND seen < ? AND id < (SELECT max(id) FROM "${dictionary}")`;
      const { changes } = database.prepare(sql).run(JSON.stringify(ids), seenUs);
      await delay(PAUSE_MS);
      return changes;
    },
    giveBackSpace: () => giveBackSpace(database),
    sizeBytes: async () => sqliteFileBytes(database.name),
  };
}

/** Gives the pages that nothing uses back to the system, in steps between which writers get their turn. */
export async function giveBackSpace(database: SqliteDatabase): Promise<void> {
  const freePages = () => Number(database.pragma('freelist_count', { simple: true }));
  while (freePages() > 0) {
    const before = freePages();
    database.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
    // A file that was made without auto_vacuum keeps its pages; kernelscope db migrate makes it anew.
    if (freePages() === before) break;
    await delay(PAUSE_MS);
  }
  // Most of it while others write; what is left then keeps them out for a moment only.
  database.pragma('wal_checkpoint(PASSIVE)');
  database.pragma('wal_checkpoint(TRUNCATE)');
}
