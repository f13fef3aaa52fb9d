import { KernelscopeError } from '../base/kernelscope-error.ts';
import { type Category, entryColumns } from '../category/define-category.ts';
import { CACHE_LIFETIME_MS } from './dictionary/dictionary-cache.ts';
import { EntryCursor } from './summary/entry-cursor.ts';
import { isDictionary } from './table.ts';

/** What is to go: batches whose records are all older, or the oldest ones until the database is small enough. */
export interface PruneOptions {
  /** Microseconds since 1970 UTC. */
  readonly olderThanUs?: number;
  readonly maxSizeBytes?: number;
}

/** What has gone. */
export interface PruneResult {
  readonly batches: number;
  readonly records: number;
  /** Names and stacks that nothing refers to any more. */
  readonly dictionaryEntries: number;
  /** Size of the database afterwards. */
  readonly sizeBytes: number;
}

/** A batch that may go, the ids of rows that it takes up, and how many records go with it. */
export interface OldBatch {
  readonly id: number;
  readonly rowCount: number;
  readonly records: number;
}

/** Reads a row of the batch table: id, row_count, accepted. */
export function toOldBatch([id, rowCount, accepted]: readonly [number, number, string]): OldBatch {
  const counts = Object.values(JSON.parse(accepted) as Record<string, number>);
  return {
    id: Number(id),
    rowCount: Number(rowCount),
    records: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** What pruning needs of a database; each call is a transaction of its own, short enough for writers to wait. */
export interface Prunable {
  categories(): Promise<ReadonlyMap<string, Category>>;
  /** The oldest batches, of those that end before a time where one is given. */
  oldestBatches(olderThanUs: number | undefined, limit: number): Promise<readonly OldBatch[]>;
  deleteBatches(batches: readonly OldBatch[]): Promise<void>;
  /** Bytes of the database that are in use, without what deleting has freed inside of it. */
  usedBytes(): Promise<number>;
  sourceIdsInUse(): Promise<ReadonlySet<number>>;
  /** The `by_all` summaries of a category; null for a batch without one. */
  summaries(
    category: Category,
  ): AsyncIterable<readonly { readonly batchId: number; readonly byAll: Uint8Array | null }[]>;
  /** Ids that a batch's rows hold in a dictionary column. */
  idsOfRows(category: Category, column: string, batchId: number): Promise<readonly number[]>;
  /** Ids of a dictionary that were last seen before a time. */
  idsSeenBefore(dictionary: DictionaryTable, seenUs: number): Promise<readonly number[]>;
  /** Deletes entries unless they were seen since; gives how many went. */
  deleteEntries(dictionary: DictionaryTable, ids: readonly number[], seenUs: number): Promise<number>;
  /** Gives freed space back to the system, in steps that let writers through. */
  giveBackSpace(): Promise<void>;
  sizeBytes(): Promise<number>;
}

export type DictionaryTable = 'source' | 'string' | 'stack';

/** Rows that one transaction deletes at most, unless a single batch has more. */
const ROWS_PER_SLICE = 40_000;
/** Batches looked up at a time. */
const BATCHES_PER_LOOKUP = 200;
const ENTRIES_PER_SLICE = 1000;
/** Entries that a writer may still remember stay: it writes their ids without looking. */
const UNUSED_FOR_MS = 4 * CACHE_LIFETIME_MS;

/** Deletes what is old, oldest first, in slices; then what nothing refers to any more; then gives the space back. */
export async function prune(database: Prunable, options: PruneOptions, nowMs: number): Promise<PruneResult> {
  const { olderThanUs, maxSizeBytes } = options;
  if (olderThanUs === undefined && maxSizeBytes === undefined) {
    throw new KernelscopeError('usage', 'nothing says what is to be pruned', {
      suggestions: ['say --older-than 7d, --max-size 2GB, or both'],
    });
  }
  const gone = { batches: 0, records: 0 };
  if (olderThanUs !== undefined) await deleteWhile(database, olderThanUs, gone, async () => true);
  if (maxSizeBytes !== undefined) {
    await deleteWhile(database, undefined, gone, async () => (await database.usedBytes()) > maxSizeBytes);
  }
  const dictionaryEntries = await deleteUnusedEntries(database, nowMs);
  if (gone.batches > 0 || dictionaryEntries > 0) await database.giveBackSpace();
  return { ...gone, dictionaryEntries, sizeBytes: await database.sizeBytes() };
}

async function deleteWhile(
  database: Prunable,
  olderThanUs: number | undefined,
  gone: { batches: number; records: number },
  goesOn: () => Promise<boolean>,
): Promise<void> {
  for (;;) {
    const found = await database.oldestBatches(olderThanUs, BATCHES_PER_LOOKUP);
    if (found.length === 0) return;
    for (const slice of slices(found)) {
      if (!(await goesOn())) return;
      await database.deleteBatches(slice);
      gone.batches += slice.length;
      for (const { records } of slice) gone.records += records;
    }
  }
}

function* slices(batches: readonly OldBatch[]): Iterable<readonly OldBatch[]> {
  let slice: OldBatch[] = [];
  let rows = 0;
  for (const batch of batches) {
    if (slice.length > 0 && rows + batch.records > ROWS_PER_SLICE) {
      yield slice;
      slice = [];
      rows = 0;
    }
    slice.push(batch);
    rows += batch.records;
  }
  if (slice.length > 0) yield slice;
}

async function deleteUnusedEntries(database: Prunable, nowMs: number): Promise<number> {
  const seenUs = (nowMs - UNUSED_FOR_MS) * 1000;
  // First the candidates, then what is in use: whatever comes into use later has been seen by then.
  const candidates = {
    source: await database.idsSeenBefore('source', seenUs),
    string: await database.idsSeenBefore('string', seenUs),
    stack: await database.idsSeenBefore('stack', seenUs),
  };
  if (Object.values(candidates).every((ids) => ids.length === 0)) return 0;
  const used = { source: await database.sourceIdsInUse(), ...(await dictionaryIdsInUse(database)) };
  let deleted = 0;
  for (const dictionary of ['source', 'string', 'stack'] as const) {
    const unused = candidates[dictionary].filter((id) => !used[dictionary].has(id));
    for (let at = 0; at < unused.length; at += ENTRIES_PER_SLICE) {
      deleted += await database.deleteEntries(dictionary, unused.slice(at, at + ENTRIES_PER_SLICE), seenUs);
    }
  }
  return deleted;
}

async function dictionaryIdsInUse(
  database: Prunable,
): Promise<{ readonly string: Set<number>; readonly stack: Set<number> }> {
  const used = { string: new Set<number>(), stack: new Set<number>() };
  for (const category of (await database.categories()).values()) {
    const columns = entryColumns(category);
    const sets = columns.map((column) =>
      isDictionary(column) ? used[column.type as 'string' | 'stack'] : undefined,
    );
    const cursor = new EntryCursor(category);
    for await (const chunk of database.summaries(category)) {
      for (const { batchId, byAll } of chunk) {
        if (byAll !== null) {
          cursor.open(byAll);
          while (cursor.next()) for (const [place, set] of sets.entries()) set?.add(cursor.ids[place]!);
          continue;
        }
        for (const [place, set] of sets.entries()) {
          if (set === undefined) continue;
          for (const id of await database.idsOfRows(category, columns[place]!.name, batchId)) set.add(id);
        }
      }
    }
  }
  return used;
}
