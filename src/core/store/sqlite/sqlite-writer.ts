import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { type Category, entryColumns } from '../../category/define-category.ts';
import type { EntryColumns, TextColumn } from '../../category/entry-columns.ts';
import type { Batch } from '../../wire/batch.ts';
import { batchTimes } from '../batch-times.ts';
import { contentHash } from '../dictionary/content-hash.ts';
import { CACHE_LIFETIME_MS, DictionaryCache } from '../dictionary/dictionary-cache.ts';
import type { AppendResult, KeyedBatch } from '../store.ts';
import { storedColumns } from '../stored-columns.ts';
import type { IdColumn, IdColumns } from '../summary/id-column.ts';
import { packSummary } from '../summary/pack-summary.ts';
import { summaryTableName } from '../summary/summary-layout.ts';
import { isDictionary, rowTableName } from '../table.ts';
import { inTransaction, type SqliteDatabase, type SqliteStatement } from './sqlite-driver.ts';

/** Rows per INSERT: 500 is where a longer statement stops paying; the rest of a batch goes by shorter ones. */
const ROWS_PER_INSERT = [500, 50, 5, 1] as const;
/** Values that SQLite takes for one statement: SQLITE_MAX_VARIABLE_NUMBER. */
const MAX_PARAMS = 32_766;

type DictionaryName = 'string' | 'stack';

/** Stores batches in a SQLite database; it owns the caches of ids that make rows small. */
export class SqliteWriter {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement>();
  /** Statements that insert rows, by table, columns and number of rows: their text is long. */
  readonly #inserts = new Map<string, SqliteStatement>();
  readonly #caches = {
    string: new DictionaryCache(),
    stack: new DictionaryCache(),
    source: new DictionaryCache(),
  };

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Stores all batches in one transaction, so that they share one fsync. */
  append(batches: readonly KeyedBatch[]): readonly AppendResult[] {
    for (const cache of Object.values(this.#caches)) cache.expire(Date.now());
    try {
      return inTransaction(this.#database, () => batches.map((keyed) => this.#appendOne(keyed)));
    } catch (error) {
      // Ids that were given out inside the transaction are gone with it.
      for (const cache of Object.values(this.#caches)) cache.clear();
      throw error;
    }
  }

  #appendOne({ batch, key }: KeyedBatch): AppendResult {
    if (key !== undefined) {
      const stored = this.#prepare('SELECT accepted FROM batch WHERE "key" = ?').pluck().get(key) as
        | string
        | undefined;
      if (stored !== undefined) return { accepted: JSON.parse(stored), repeated: true };
    }
    const id = this.#nextBatchId();
    const accepted: Record<string, number> = {};
    let rowCount = 1;
    for (const entries of batch.entries) {
      this.#appendEntries(id, batch.timeUs, entries);
      accepted[entries.category.name] = entries.length;
      rowCount = Math.max(rowCount, entries.length);
    }
    const { first, last } = batchTimes(batch);
    this.#prepare(
      'INSERT INTO batch (id, source_id, "time", time_first, time_last, received, lost, "key", row_count, accepted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      id,
      this.#sourceId(batch),
      batch.timeUs,
      first,
      last,
      Date.now() * 1000,
      batch.lost,
      key ?? null,
      rowCount,
      JSON.stringify(accepted),
    );
    return { accepted, repeated: false };
  }

  /** A batch's id is the id of its first row; the next one starts behind its last. */
  #nextBatchId(): number {
    const next = this.#prepare('SELECT id + row_count FROM batch ORDER BY id DESC LIMIT 1').pluck().get() as
      | number
      | undefined;
    return next ?? 1;
  }

  #appendEntries(batchId: number, batchTimeUs: number, entries: EntryColumns): void {
    if (entries.length === 0) return;
    const columns = entryColumns(entries.category);
    const ids = columns.map((column, c) => {
      const texts = isDictionary(column) ? (entries.values[c] as TextColumn | undefined) : undefined;
      return texts && this.#entryIds(column.type as DictionaryName, texts);
    });
    this.#insertRows(batchId, batchTimeUs, entries, ids);
    const summary = packSummary(entries, ids);
    if (summary === undefined) return;
    this.#prepare(
      `INSERT INTO "${summaryTableName(entries.category)}" (batch_id, by_stack, by_all) VALUES (?, ?, ?)`,
    ).run(batchId, summary.byStack, summary.byAll);
  }

  #insertRows(firstId: number, batchTimeUs: number, entries: EntryColumns, ids: IdColumns): void {
    const { length } = entries;
    const columns = storedColumns(entries, ids, batchTimeUs);
    const names = columns.map(({ name }) => name);
    let index = 0;
    for (const rowsPerInsert of ROWS_PER_INSERT) {
      const paramCount = names.length * rowsPerInsert + 1;
      if (length - index < rowsPerInsert || paramCount > MAX_PARAMS) continue;
      const insert = this.#prepareInsert(entries.category, names, rowsPerInsert);
      // Filled, so that it is no array of doubles, each of which would be wrapped anew for every statement.
      const params = new Array<number | null>(paramCount).fill(null);
      while (length - index >= rowsPerInsert) {
        params[0] = firstId + index;
        for (const [place, { values }] of columns.entries())
          fillParams(params, place + 1, names.length, values.subarray(index, index + rowsPerInsert));
        index += rowsPerInsert;
        // As so many arguments: of an array, each element would be asked for.
        const { lastInsertRowid } = insert.run(...params);
        if (Number(lastInsertRowid) !== firstId + index - 1) throw strayRows(entries.category);
      }
    }
  }

  #entryIds(name: DictionaryName, { dictionary, indices }: TextColumn): IdColumn {
    const ids = new Float64Array(dictionary.length);
    for (let place = 0; place < ids.length; place++) ids[place] = this.#entryId(name, dictionary[place]!);
    return { ids, indices };
  }

  /** The first row's id is bound; SQLite gives each of the others the one behind the greatest that there is. */
  #prepareInsert(category: Category, names: readonly string[], rowsPerInsert: number): SqliteStatement {
    const key = `${category.name} ${names} ${rowsPerInsert}`;
    const known = this.#inserts.get(key);
    if (known !== undefined) return known;
    const places = names.map(() => ', ?').join('');
    const tuples = Array.from(
      { length: rowsPerInsert },
      (_, row) => `(${row === 0 ? '?' : 'NULL'}${places})`,
    );
    const columns = ['id', ...names].map((name) => `"${name}"`).join(', ');
    const insert = this.#database.prepare<unknown[]>(
      `INSERT INTO "${rowTableName(category)}" (${columns}) VALUES ${tuples.join(', ')}`,
    );
    this.#inserts.set(key, insert);
    return insert;
  }

  #entryId(dictionary: DictionaryName, text: string): number {
    const cache = this.#caches[dictionary];
    const known = cache.get(text);
    if (known !== undefined) return known;
    const id = this.#findOrInsert(dictionary, text, { select: 'value', insert: ['value'], values: [text] });
    cache.set(text, id);
    return id;
  }

  #sourceId(batch: Batch): number {
    const labels = JSON.stringify(batch.labels);
    const text = `${batch.hostname}\0${labels}`;
    const known = this.#caches.source.get(text);
    if (known !== undefined) return known;
    const id = this.#findOrInsert('source', text, {
      select: 'hostname || char(0) || labels',
      insert: ['hostname', 'labels'],
      values: [batch.hostname, labels],
    });
    this.#caches.source.set(text, id);
    return id;
  }

  /** Finds an entry by the hash of its content, then by its content; two contents of one hash take adjacent hashes. */
  #findOrInsert(
    table: string,
    text: string,
    entry: {
      readonly select: string;
      readonly insert: readonly string[];
      readonly values: readonly string[];
    },
  ): number {
    const find = this.#prepare(`SELECT id, ${entry.select}, seen FROM "${table}" WHERE hash = ?`).raw();
    const nowUs = Date.now() * 1000;
    for (let hash = contentHash(text); ; hash++) {
      const found = find.get(hash) as [number, string, number] | undefined;
      if (found === undefined) {
        const places = entry.insert.map(() => '?').join(', ');
        const insert = this.#prepare(
          `INSERT INTO "${table}" (hash, seen, ${entry.insert.join(', ')}) VALUES (?, ?, ${places})`,
        );
        return Number(insert.run(hash, nowUs, ...entry.values).lastInsertRowid);
      }
      const [id, stored, seenUs] = found;
      if (stored !== text) continue;
      if (nowUs - seenUs > CACHE_LIFETIME_MS * 1000)
        this.#prepare(`UPDATE "${table}" SET seen = ? WHERE id = ?`).run(nowUs, id);
      return id;
    }
  }

  #prepare(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Only rows that somebody else put there have ids behind those of the last batch. */
function strayRows(category: Category): KernelscopeError {
  const table = rowTableName(category);
  return new KernelscopeError('database_invalid', `${table} has rows that belong to no batch`, {
    suggestions: [
      `delete them: DELETE FROM ${table} WHERE id >= (SELECT max(id + row_count) FROM batch)`,
      'write to the database through kernelscope alone',
    ],
  });
}

function fillParams(params: (number | null)[], first: number, step: number, values: Float64Array): void {
  let at = first;
  for (let row = 0; row < values.length; row++, at += step) {
    const value = values[row]!;
    params[at] = Number.isNaN(value) ? null : value;
  }
}
