import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { batchColumns, type Category, entryColumns, type Value } from '../../category/define-category.ts';
import { makeEntries } from '../../category/entry-columns.ts';
import type { Batch, Labels } from '../../wire/batch.ts';
import { type Mapping, mapFields, type Origin, takeField, unusedFields } from './map-fields.ts';
import { type CellOptions, readCell } from './read-cell.ts';
import type { InputRecord, RecordFormat, RecordItem, RecordOptions } from './record-format.ts';

/** Records, and characters of their text, that one batch takes at most. */
const MAX_RECORDS = 5000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** What records are taken for. */
export interface ReadBatchesOptions extends CellOptions, RecordOptions {
  readonly category: Category;
  readonly format: RecordFormat;
  /** What was said of columns. */
  readonly origins: Mapping;
  /** Host of records that name none, and labels of all. */
  readonly hostname: string;
  readonly labels: Labels;
  /** Time of records that have none, in microseconds since 1970 UTC; asked for with each batch. */
  readonly nowUs: () => number;
  /** Hand out what there is once a record has waited this long, in milliseconds; batches are filled without it. */
  readonly flushAfterMs?: number;
  /** Count lines that cannot be read, and go on, instead of throwing. */
  readonly skipsBad: boolean;
}

/** How reading goes: all of it is counted on while batches are handed out. */
export interface ReadProgress {
  records: number;
  bad: number;
  lost: number;
  /** Why the first bad line was one. */
  firstBad: string | undefined;
  /** What was left out, with how often. */
  readonly ignored: Map<string, number>;
  mapping: Mapping | undefined;
  /** The first record, as it was read and as it is stored. */
  sample:
    | { readonly fields: Readonly<Record<string, unknown>>; readonly row: Readonly<Record<string, Value>> }
    | undefined;
  readonly unused: Set<string>;
}

/** Starts counting. */
export function newProgress(): ReadProgress {
  const counts = { records: 0, bad: 0, lost: 0, firstBad: undefined, mapping: undefined, sample: undefined };
  return { ...counts, ignored: new Map(), unused: new Set() };
}

/**
 * Reads records into batches of bounded size, one per host at a time, in constant memory. Throws `bad_input` with the
 * number of the line that cannot be read, unless such lines are skipped.
 */
export async function* readBatches(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadBatchesOptions,
  progress: ReadProgress,
): AsyncGenerator<Batch> {
  const reader = new BatchReader(options, progress);
  for await (const item of withPauses(options.format.read(chunks, options), reader, options.flushAfterMs)) {
    if (item === pause) yield* reader.takeBatches();
    else if ('lost' in item) reader.addLost(item.lost);
    else if ('ignored' in item)
      progress.ignored.set(item.ignored, (progress.ignored.get(item.ignored) ?? 0) + 1);
    else if ('problem' in item) reader.refuse(item.line, new KernelscopeError('bad_input', item.problem));
    else reader.add(item);
    if (reader.isFull) yield* reader.takeBatches();
  }
  yield* reader.takeBatches();
}

/** Stands between records where those before it have waited long enough. */
const pause = Symbol('pause');

/** Hands on items, and a pause where something waits and `pauseMs` go by before or while the next item comes. */
async function* withPauses(
  items: AsyncIterable<RecordItem>,
  waiting: { readonly hasRecords: boolean },
  pauseMs: number | undefined,
): AsyncGenerator<RecordItem | typeof pause> {
  if (pauseMs === undefined) {
    yield* items;
    return;
  }
  const iterator = items[Symbol.asyncIterator]();
  let timer: Promise<typeof pause> | undefined;
  let next = iterator.next();
  try {
    for (;;) {
      if (waiting.hasRecords) timer ??= delay(pauseMs, pause, { ref: false });
      const result = await (timer === undefined ? next : Promise.race([timer, next]));
      if (result === pause) {
        timer = undefined;
        yield pause;
        continue;
      }
      if (result.done) return;
      next = iterator.next();
      yield result.value;
    }
  } finally {
    // Not waited for: it comes to its end with the next item, whenever that is.
    void iterator.return?.();
  }
}

/** The records of one host that wait to be handed out. */
interface PendingHost {
  readonly values: Value[][];
  readonly timesUs: (number | null)[];
}

class BatchReader {
  readonly #options: ReadBatchesOptions;
  readonly #progress: ReadProgress;
  readonly #hosts = new Map<string, PendingHost>();
  #records = 0;
  #characters = 0;
  #lost = 0;

  constructor(options: ReadBatchesOptions, progress: ReadProgress) {
    this.#options = options;
    this.#progress = progress;
  }

  get isFull(): boolean {
    return this.#records >= MAX_RECORDS || this.#characters >= MAX_CHARACTERS;
  }

  get hasRecords(): boolean {
    return this.#records > 0;
  }

  addLost(events: number): void {
    this.#lost += events;
    this.#progress.lost += events;
  }

  add({ line, fields }: InputRecord): void {
    const { category, format, origins } = this.#options;
    const progress = this.#progress;
    try {
      progress.mapping ??= mapFields(category, fields, origins, format.isPositional ?? false);
    } catch (error) {
      // What the first record lacks, all of them lack: there is nothing to skip.
      throw placed(line, error);
    }
    for (const name of unusedFields(category, progress.mapping, Object.keys(fields)))
      progress.unused.add(name);
    let row: Record<string, Value>;
    try {
      row = this.#readRow(fields, progress.mapping);
    } catch (error) {
      this.refuse(line, error);
      return;
    }
    progress.sample ??= { fields, row };
    progress.records++;
    this.#keep(row);
  }

  /** Counts a line that cannot be read, or throws. */
  refuse(line: number, error: unknown): void {
    const problem = placed(line, error);
    if (!this.#options.skipsBad) throw problem;
    this.#progress.bad++;
    this.#progress.firstBad ??= problem.message;
  }

  *takeBatches(): Generator<Batch> {
    const { category, labels, hostname } = this.#options;
    if (this.#hosts.size === 0 && this.#lost > 0) this.#hosts.set(hostname, this.#newHost());
    for (const [host, { values, timesUs }] of this.#hosts) {
      const length = timesUs.length;
      const times = timesUs.some((time) => time !== null) && { timesUs };
      const entries = makeEntries({ category, length, values, ...times });
      const lost = this.#lost;
      this.#lost = 0;
      yield { hostname: host, timeUs: this.#options.nowUs(), labels, lost, entries: [entries] };
    }
    this.#hosts.clear();
    this.#records = 0;
    this.#characters = 0;
  }

  #keep(row: Readonly<Record<string, Value>>): void {
    const host = (row.hostname as string | null) ?? this.#options.hostname;
    let pending = this.#hosts.get(host);
    if (pending === undefined) {
      pending = this.#newHost();
      this.#hosts.set(host, pending);
    }
    for (const [index, { name }] of entryColumns(this.#options.category).entries()) {
      const value = row[name] ?? null;
      pending.values[index]!.push(value);
      if (typeof value === 'string') this.#characters += value.length;
    }
    pending.timesUs.push((row.time as number | null) ?? null);
    this.#records++;
  }

  #newHost(): PendingHost {
    return { values: entryColumns(this.#options.category).map(() => []), timesUs: [] };
  }

  #readRow(fields: Readonly<Record<string, unknown>>, mapping: Mapping): Record<string, Value> {
    const { category } = this.#options;
    const row: Record<string, Value> = {};
    for (const column of category.columns) {
      const origin = mapping.get(column.name) ?? { field: column.name };
      const value = readPlaced(column.name, origin, () =>
        readCell(column, written(origin, fields), this.#options),
      );
      const mayLack = column.optional || batchColumns.some(({ name }) => name === column.name);
      if (value === null && !mayLack)
        throw new KernelscopeError('bad_input', `column '${column.name}'${from(origin)}: it is missing`);
      row[column.name] = value;
    }
    if (row.hostname === '') throw new KernelscopeError('bad_input', "column 'hostname': it is empty");
    return row;
  }
}

function written(origin: Origin, fields: Readonly<Record<string, unknown>>): unknown {
  return 'value' in origin ? origin.value : takeField(fields, origin.field);
}

function readPlaced<T>(name: string, origin: Origin, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KernelscopeError)) throw error;
    throw new KernelscopeError('bad_input', `column '${name}'${from(origin)}: ${error.message}`, {
      suggestions: error.suggestions,
      cause: error,
    });
  }
}

function from(origin: Origin): string {
  return 'field' in origin ? `, from '${origin.field}'` : '';
}

function placed(line: number, error: unknown): KernelscopeError {
  if (!(error instanceof KernelscopeError)) throw error;
  return new KernelscopeError('bad_input', `line ${line}: ${error.message}`, {
    suggestions: error.suggestions,
    cause: error,
  });
}
