import { entryColumns } from '../../category/define-category.ts';
import type { Aggregate, GroupKey, GroupQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { EntryCursor } from '../summary/entry-cursor.ts';
import { SlotSums } from '../summary/slot-sums.ts';
import { type BatchFacts, SummaryCondition, testedDictionaries } from '../summary/summary-condition.ts';
import { summaryLayout } from '../summary/summary-layout.ts';
import { isDictionary } from '../table.ts';
import type { KeyPlaces } from './compile-groups.ts';
import { GroupNumbers } from './group-numbers.ts';

/** What one group came to: its keys as `compileGroups` has them, null where absent, and a value for each aggregate. */
export interface SummedGroup {
  readonly keys: readonly (number | null)[];
  readonly records: number;
  readonly values: readonly (number | null)[];
}

/** Numbers of a part of a group that rows came to, one for each of `summedColumns`. */
export interface GroupPart {
  readonly keys: readonly (number | null)[];
  readonly records: number;
  readonly sums: readonly (number | bigint)[];
  readonly greatest: readonly number[];
}

/**
 * Tells whether packed summaries answer a question: its condition and keys are about host, labels, times of batches and
 * dictionary columns, and what it works out are counts, and sums, means and maxima of measures, or of events.
 */
export function canGroupSummaries(query: GroupQuery, resolved: Resolved): boolean {
  const { category } = query;
  const { measures, events } = summaryLayout(category);
  const columns = entryColumns(category);
  const placeOf = (name: string) => columns.findIndex((column) => column.name === name);
  const keyIsIn = (key: GroupKey) => {
    if (key.kind === 'label' || key.kind === 'frame') return true;
    if (key.kind === 'bucket') return key.column === 'time';
    return (
      key.column === 'hostname' ||
      columns.some((column) => column.name === key.column && isDictionary(column))
    );
  };
  const aggregateIsIn = (aggregate: Aggregate) => {
    if (aggregate.kind === 'count') return true;
    const place = placeOf(aggregate.column);
    if (aggregate.kind === 'max') return measures.includes(place);
    return (
      (aggregate.kind === 'sum' || aggregate.kind === 'avg') && (measures.includes(place) || place === events)
    );
  };
  return (
    testedDictionaries(category, resolved) !== undefined &&
    query.keys.every(keyIsIn) &&
    query.aggregates.every(aggregateIsIn)
  );
}

/** The columns of numbers that aggregates need, in the order that sums and maxima are kept in. */
export function summedColumns(query: GroupQuery): readonly string[] {
  return [...new Set(query.aggregates.flatMap((each) => (each.kind === 'count' ? [] : [each.column])))];
}

/** Adds up summaries by groups, batch by batch. */
export class SummaryGrouper {
  readonly #query: GroupQuery;
  readonly #condition: SummaryCondition;
  readonly #cursor: EntryCursor;
  readonly #numbers: GroupNumbers;
  /** For each key: its place among the entry columns; -1 where it is the batch's. */
  readonly #keyPlaces: readonly number[];
  readonly #mapped: readonly (ReadonlyMap<number, number> | undefined)[];
  /** For each of the summed columns: its place among the sums of an entry. */
  readonly #sumPlaces: readonly number[];
  readonly #records: number[] = [];
  readonly #sums: readonly SlotSums[];
  readonly #greatest: readonly number[][];
  readonly #keys: (number | null)[];

  constructor(query: GroupQuery, resolved: Resolved, places: KeyPlaces) {
    const names = entryColumns(query.category).map(({ name }) => name);
    const { measures } = summaryLayout(query.category);
    this.#query = query;
    this.#condition = new SummaryCondition(query.category, resolved);
    this.#cursor = new EntryCursor(query.category, this.#condition.leaders);
    this.#numbers = new GroupNumbers(query.keys.length);
    this.#keyPlaces = query.keys.map((key) => (key.kind === 'label' ? -1 : names.indexOf(key.column)));
    this.#mapped = places.map((pairs) => (pairs === undefined ? undefined : new Map(pairs)));
    // Events stand behind the measures.
    this.#sumPlaces = summedColumns(query).map((name) => {
      const place = measures.indexOf(names.indexOf(name));
      return place < 0 ? measures.length : place;
    });
    this.#sums = this.#sumPlaces.map(() => new SlotSums());
    this.#greatest = this.#sumPlaces.map(() => []);
    this.#keys = query.keys.map(() => null);
  }

  get groupCount(): number {
    return this.#records.length;
  }

  /** Adds a batch; false where its records differ in what the condition or a key asks of their times: rows must tell. */
  add(batch: BatchFacts, summary: Uint8Array): boolean {
    const test = this.#condition.testOf(batch);
    if (test === undefined) return false;
    if (test === false) return true;
    if (!this.#startBatch(batch)) return false;
    const cursor = this.#cursor;
    cursor.open(summary);
    while (cursor.next()) {
      if (test !== true && !test(cursor.ids)) continue;
      for (let k = 0; k < this.#keyPlaces.length; k++) {
        const place = this.#keyPlaces[k]!;
        if (place < 0) continue;
        const id = cursor.ids[place]!;
        const mapped = this.#mapped[k];
        this.#keys[k] = id < 0 ? null : mapped === undefined ? id : (mapped.get(id) ?? null);
      }
      const slot = this.#slotOf(this.#keys);
      this.#records[slot]! += cursor.records;
      for (let column = 0; column < this.#sumPlaces.length; column++) {
        const place = this.#sumPlaces[column]!;
        this.#sums[column]!.add(slot, cursor.sums[place]!);
        const greatest = this.#greatest[column]!;
        const most = cursor.greatest[place] ?? 0;
        if (!(greatest[slot]! >= most)) greatest[slot] = most;
      }
    }
    return true;
  }

  /** Adds what rows came to. */
  addPart({ keys, records, sums, greatest }: GroupPart): void {
    if (records === 0) return;
    const slot = this.#slotOf(keys);
    this.#records[slot]! += records;
    for (const [column, sum] of sums.entries()) {
      this.#sums[column]!.add(slot, sum);
      const most = this.#greatest[column]!;
      if (!(most[slot]! >= greatest[column]!)) most[slot] = greatest[column]!;
    }
  }

  /** The groups in no order; without keys one, even of no records. */
  groups(): readonly SummedGroup[] {
    const columns = summedColumns(this.#query);
    if (this.#keys.length === 0 && this.#records.length === 0) this.#slotOf([]);
    const sums = this.#sums.map((each) => each.toMap());
    const keys = this.#numbers.keys();
    return this.#records.map((records, slot) => ({
      keys: keys.map((column) => column[slot] ?? null),
      records,
      values: this.#query.aggregates.map((aggregate) => {
        if (aggregate.kind === 'count') return records;
        const column = columns.indexOf(aggregate.column);
        const sum = Number(sums[column]!.get(slot) ?? 0);
        if (aggregate.kind === 'sum') return sum;
        if (records === 0) return null;
        return aggregate.kind === 'avg' ? sum / records : this.#greatest[column]![slot]!;
      }),
    }));
  }

  /** Sets the keys that all records of a batch have in common; false where they have not. */
  #startBatch({ sourceId, timeFirst, timeLast }: BatchFacts): boolean {
    for (const [k, key] of this.#query.keys.entries()) {
      if (key.kind === 'bucket') {
        const bucket = Math.floor(timeFirst / key.widthUs);
        if (bucket !== Math.floor(timeLast / key.widthUs)) return false;
        this.#keys[k] = bucket * key.widthUs;
      } else if (this.#keyPlaces[k]! < 0) this.#keys[k] = this.#mapped[k]!.get(sourceId) ?? null;
    }
    return true;
  }

  #slotOf(keys: readonly (number | null)[]): number {
    const slot = this.#numbers.numberOf(keys);
    if (slot === this.#records.length) this.#records.push(0);
    return slot;
  }
}
