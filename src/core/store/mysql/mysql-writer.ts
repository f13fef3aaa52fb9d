import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { entryColumns } from '../../category/define-category.ts';
import type { EntryColumns, TextColumn } from '../../category/entry-columns.ts';
import type { Batch } from '../../wire/batch.ts';
import { batchTimes } from '../batch-times.ts';
import { contentHash, MAX_PROBES } from '../dictionary/content-hash.ts';
import { CACHE_LIFETIME_MS, DictionaryCache } from '../dictionary/dictionary-cache.ts';
import type { AppendResult, KeyedBatch } from '../store.ts';
import { storedColumns } from '../stored-columns.ts';
import type { IdColumns } from '../summary/id-column.ts';
import { packSummary } from '../summary/pack-summary.ts';
import { summaryTableName } from '../summary/summary-layout.ts';
import { isDictionary, rowTableName } from '../table.ts';
import {
  askOnce,
  isDuplicate,
  isRetryable,
  MAX_ATTEMPTS,
  type MysqlPool,
  type MysqlSession,
  withSession,
} from './mysql-driver.ts';

/** Rows per INSERT: beyond some thousand a longer statement gains nothing. */
const ROWS_PER_INSERT = 2000;
/** Dictionary entries looked up or inserted by one statement, and characters of their text. */
const ENTRIES_PER_STATEMENT = 200;
const CHARACTERS_PER_STATEMENT = 1024 * 1024;
/** The longest text that a column holds. */
const MAX_TEXT_BYTES = 2 ** 24 - 1;
/** How often, and how many milliseconds apart, entries that were just stored are looked for. */
const MAX_LOOKS = 40;
const LOOK_AGAIN_MS = 50;
/** Random bits behind the milliseconds of a batch's id, which stays below 2^53. */
const ID_RANDOM_BITS = 11;

type DictionaryName = 'string' | 'stack' | 'source';

/** A dictionary entry: the text that identifies it, and the values of its columns. */
interface Entry {
  readonly text: string;
  readonly values: readonly string[];
}

/** Stores batches in a MySQL database, one transaction each; any number of writers may do so at the same time. */
export class MysqlWriter {
  readonly #pool: MysqlPool;
  readonly #caches = {
    string: new DictionaryCache(),
    stack: new DictionaryCache(),
    source: new DictionaryCache(),
  };

  constructor(pool: MysqlPool) {
    this.#pool = pool;
  }

  /** Stores each batch in a transaction of its own; they go side by side, so that the server can flush them together. */
  async append(batches: readonly KeyedBatch[]): Promise<readonly AppendResult[]> {
    const lastOfKey = new Map<string | undefined, Promise<unknown>>();
    const appends = batches.map((keyed) => {
      // The same key twice: the first is stored, and only then is it seen to be there.
      const turn = lastOfKey.get(keyed.key) ?? Promise.resolve();
      const result = turn.catch(() => {}).then(() => this.#appendOne(keyed));
      if (keyed.key !== undefined) lastOfKey.set(keyed.key, result);
      return result;
    });
    const results = await Promise.allSettled(appends);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.map((result) => (result as PromiseFulfilledResult<AppendResult>).value);
  }

  async #appendOne({ batch, key }: KeyedBatch): Promise<AppendResult> {
    if (key !== undefined) {
      const stored = await this.#findKey(key);
      if (stored !== undefined) return stored;
    }
    for (const cache of Object.values(this.#caches)) cache.expire(Date.now());
    // Before and outside of the rows' transaction: entries that other writers insert too would make it fail there.
    const ids = await this.#entryIds(batch);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#insertBatch(batch, key, ids);
      } catch (error) {
        if (isDuplicate(error)) {
          const stored = key === undefined ? undefined : await this.#findKey(key);
          if (stored !== undefined) return stored;
        } else if (!isRetryable(error)) throw error;
        if (attempt === MAX_ATTEMPTS) throw error;
        await delay(Math.random() * 20 * attempt);
      }
    }
  }

  async #findKey(key: string): Promise<AppendResult | undefined> {
    const rows = await withSession(this.#pool, (session) =>
      session.execute('SELECT accepted FROM batch WHERE `key` = ?', [key]),
    );
    const [row] = rows as [string][];
    return row === undefined ? undefined : { accepted: JSON.parse(row[0]), repeated: true };
  }

  #insertBatch(batch: Batch, key: string | undefined, ids: BatchIds): Promise<AppendResult> {
    return withSession(this.#pool, async (session) => {
      await session.query('START TRANSACTION');
      const id = newBatchId();
      const accepted: Record<string, number> = {};
      let rowCount = 0;
      for (const [place, entries] of batch.entries.entries()) {
        await insertEntries(session, id, batch.timeUs, entries, ids.columns[place]!);
        accepted[entries.category.name] = entries.length;
        rowCount = Math.max(rowCount, entries.length);
      }
      const { first, last } = batchTimes(batch);
      await session.execute(
        'INSERT INTO batch (id, source_id, `time`, time_first, time_last, received, lost, `key`, row_count, accepted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        [
          id,
          ids.source,
          batch.timeUs,
          first,
          last,
          Date.now() * 1000,
          batch.lost,
          key ?? null,
          rowCount,
          JSON.stringify(accepted),
        ],
      );
      await session.query('COMMIT');
      return { accepted, repeated: false };
    });
  }

  async #entryIds(batch: Batch): Promise<BatchIds> {
    const labels = JSON.stringify(batch.labels);
    const source = { text: `${batch.hostname}\0${labels}`, values: [batch.hostname, labels] };
    const columns = batch.entries.map(({ category, values }) =>
      entryColumns(category).map((column, c) => {
        if (values[c] === undefined || !isDictionary(column)) return undefined;
        const { dictionary: texts, indices } = values[c] as TextColumn;
        const dictionary = column.type as 'string' | 'stack';
        return { dictionary, texts, indices, ...this.#knownIds(dictionary, texts) };
      }),
    );
    for (const dictionary of ['string', 'stack'] as const) {
      const ofDictionary = columns
        .flat()
        .flatMap((column) => (column?.dictionary === dictionary ? [column] : []));
      const unknown = new Set(ofDictionary.flatMap((column) => column.unknown));
      const entries = [...unknown].map((text) => ({ text, values: [text] }));
      const found = await this.#resolve(dictionary, ['value'], entries);
      for (const { ids, texts } of ofDictionary) {
        for (const [place, text] of texts.entries())
          if (Number.isNaN(ids[place])) ids[place] = found.get(text)!;
      }
    }
    const sources = await this.#resolve('source', ['hostname', 'labels'], [source]);
    return {
      source: sources.get(source.text)!,
      columns,
    };
  }

  /** The ids of texts: NaN where one is unknown. */
  #knownIds(dictionary: 'string' | 'stack', texts: readonly string[]) {
    const cache = this.#caches[dictionary];
    const ids = Float64Array.from(texts, (text) => cache.get(text) ?? Number.NaN);
    return { ids, unknown: texts.filter((_, place) => Number.isNaN(ids[place])) };
  }

  /** Gives the ids of entries, inserting those that are not there: an id is the hash of the content. */
  async #resolve(
    dictionary: DictionaryName,
    columns: readonly string[],
    entries: readonly Entry[],
  ): Promise<ReadonlyMap<string, number>> {
    const cache = this.#caches[dictionary];
    const ids = new Map<string, number>();
    let unknown: Entry[] = [];
    for (const entry of entries) {
      const id = cache.get(entry.text);
      if (id === undefined) unknown.push(entry);
      else ids.set(entry.text, id);
    }
    for (let probe = 0; unknown.length > 0; probe++) {
      if (probe === MAX_PROBES)
        throw new KernelscopeError('database_invalid', `too many entries of '${dictionary}' share a hash`);
      const collided: Entry[] = [];
      for (const part of statementParts(unknown)) {
        const stored = await this.#insertAndRead(dictionary, columns, part, probe);
        for (const entry of part) {
          const id = contentHash(entry.text) + probe;
          if (stored.get(id) !== entry.text) {
            collided.push(entry);
            continue;
          }
          ids.set(entry.text, id);
          cache.set(entry.text, id);
        }
      }
      unknown = collided;
    }
    return ids;
  }

  /** Inserts entries where their ids are free, each in an autocommit of its own statement, and reads what is there now. */
  async #insertAndRead(
    dictionary: DictionaryName,
    columns: readonly string[],
    entries: readonly Entry[],
    probe: number,
  ): Promise<ReadonlyMap<number, string>> {
    const idOf = (entry: Entry) => contentHash(entry.text) + probe;
    const ask: MysqlSession['query'] = (sql, params) => askOnce(this.#pool, sql, params);
    const shown = columns.length === 1 ? columns[0] : `CONCAT_WS(CHAR(0), ${columns.join(', ')})`;
    const wanted = entries.map(idOf).join(', ');
    const read = async () => {
      const rows = await ask(`SELECT id, ${shown} FROM \`${dictionary}\` WHERE id IN (${wanted})`);
      return new Map((rows as [number, string | Buffer][]).map(([id, text]) => [Number(id), String(text)]));
    };
    let found = await read();
    const nowUs = Date.now() * 1000;
    const stale = nowUs - CACHE_LIFETIME_MS * 1000;
    // Whatever is about to be used again is marked as such before it is: pruning leaves it alone from here on.
    const used = [...found.keys()].join(', ');
    if (used !== '')
      await ask(`UPDATE \`${dictionary}\` SET seen = ${nowUs} WHERE id IN (${used}) AND seen < ${stale}`);
    const missing = entries.filter((entry) => !found.has(idOf(entry)));
    if (missing.length === 0) return found;
    const tuple = `(${['?', '?', '?', ...columns.map(() => '?')].join(', ')})`;
    await ask(
      `INSERT IGNORE INTO \`${dictionary}\` (id, hash, seen, ${columns.join(', ')}) VALUES ${missing.map(() => tuple).join(', ')}`,
      missing.flatMap((entry) => [idOf(entry), idOf(entry), nowUs, ...entry.values]),
    );
    // Behind a proxy the answer may come from a node that has yet to apply it. What is not to be seen is not a collision.
    for (let look = 0; look < MAX_LOOKS; look++) {
      found = await read();
      if (missing.every((entry) => found.has(idOf(entry)))) return found;
      await delay(LOOK_AGAIN_MS);
    }
    throw new KernelscopeError('database_unavailable', `'${dictionary}' does not show what was stored in it`);
  }
}

/** Cuts entries into what one statement takes. Throws `too_large` for a text that no column holds. */
function* statementParts(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  let part: Entry[] = [];
  let characters = 0;
  for (const entry of entries) {
    const { length } = entry.text;
    if (length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(entry.text) > MAX_TEXT_BYTES)
      throw new KernelscopeError('too_large', `a text of ${length} characters is more than MySQL holds`);
    if (
      part.length === ENTRIES_PER_STATEMENT ||
      (part.length > 0 && characters + length > CHARACTERS_PER_STATEMENT)
    ) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(entry);
    characters += length;
  }
  if (part.length > 0) yield part;
}

/** The ids of a batch's texts: of its source, and of the columns of its entries. */
interface BatchIds {
  readonly source: number;
  readonly columns: readonly IdColumns[];
}

async function insertEntries(
  session: MysqlSession,
  batchId: number,
  batchTimeUs: number,
  entries: EntryColumns,
  ids: IdColumns,
): Promise<void> {
  if (entries.length === 0) return;
  await insertRows(session, batchId, batchTimeUs, entries, ids);
  const summary = packSummary(entries, ids);
  if (summary === undefined) return;
  const table = summaryTableName(entries.category);
  const params = [batchId, Buffer.from(summary.byStack), Buffer.from(summary.byAll)];
  await session.execute(`INSERT INTO \`${table}\` (batch_id, by_stack, by_all) VALUES (?, ?, ?)`, params);
}

async function insertRows(
  session: MysqlSession,
  batchId: number,
  batchTimeUs: number,
  entries: EntryColumns,
  ids: IdColumns,
): Promise<void> {
  const { category, length } = entries;
  const columns = storedColumns(entries, ids, batchTimeUs);
  const names = ['batch_id', 'seq', ...columns.map(({ name }) => name)];
  const head = `INSERT INTO \`${rowTableName(category)}\` (${names.map((name) => `\`${name}\``).join(', ')}) VALUES `;
  for (let start = 0; start < length; start += ROWS_PER_INSERT) {
    const end = Math.min(start + ROWS_PER_INSERT, length);
    const tuples: string[] = [];
    for (let index = start; index < end; index++) {
      let tuple = `(${batchId},${index}`;
      for (const { values } of columns) {
        const value = values[index]!;
        // Whole numbers alone reach the statement's text: ids, and values that were checked to be such.
        tuple += `,${Number.isNaN(value) ? 'NULL' : integer(value)}`;
      }
      tuples.push(`${tuple})`);
    }
    await session.query(head + tuples.join(','));
  }
}

function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`${value} is no whole number`);
}

/** Milliseconds, then random bits: ids grow roughly with time, and no writer has to ask another. */
function newBatchId(): number {
  return Date.now() * 2 ** ID_RANDOM_BITS + randomInt(2 ** ID_RANDOM_BITS);
}
