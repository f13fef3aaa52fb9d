import { entryColumns } from '../../category/define-category.ts';
import type { StackQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { EntryCursor } from './entry-cursor.ts';
import { SlotSums } from './slot-sums.ts';
import {
  type BatchFacts,
  type EntryTest,
  SummaryCondition,
  testedDictionaries,
} from './summary-condition.ts';
import { type SummaryLayout, summaryLayout } from './summary-layout.ts';
import { VarintReader } from './varint.ts';

/** Which of the two summaries a question reads. */
export type SummaryKind = 'by_stack' | 'by_all';

/**
 * Tells which summary answers a question, or undefined where only rows do: conditions on anything but host, labels,
 * time and dictionary columns, and weights that are neither a measure nor the events that records stand for.
 */
export function chooseSummary(query: StackQuery, resolved: Resolved): SummaryKind | undefined {
  const columns = entryColumns(query.category);
  const layout = summaryLayout(query.category);
  const weights = [...layout.measures, ...(layout.events === undefined ? [] : [layout.events])];
  if (query.weight !== undefined && !weights.some((place) => columns[place]!.name === query.weight))
    return undefined;
  const names = testedDictionaries(query.category, resolved);
  if (names === undefined) return undefined;
  const firstStack = layout.firstStack === undefined ? undefined : columns[layout.firstStack]!.name;
  return query.stack === firstStack && names.every((name) => name === firstStack) ? 'by_stack' : 'by_all';
}

/** Adds up summaries, batch by batch: sums of a weight by the id of a stack. */
export class SummaryWeigher {
  readonly #condition: SummaryCondition;
  readonly #layout: SummaryLayout;
  readonly #kind: SummaryKind;
  readonly #stackPlace: number;
  /** Place of the weight among the sums of an entry, the events behind the measures; -1 for the number of records. */
  readonly #weightPlace: number;
  readonly #cursor: EntryCursor;
  readonly #sums = new SumsById();

  constructor(query: StackQuery, resolved: Resolved, kind: SummaryKind) {
    this.#condition = new SummaryCondition(query.category, resolved);
    this.#layout = summaryLayout(query.category);
    this.#kind = kind;
    const names = entryColumns(query.category).map(({ name }) => name);
    this.#stackPlace = names.indexOf(query.stack);
    const { measures, events } = this.#layout;
    const weight = query.weight === undefined ? -1 : names.indexOf(query.weight);
    this.#weightPlace = weight >= 0 && weight === events ? measures.length : measures.indexOf(weight);
    this.#cursor = new EntryCursor(query.category, this.#condition.leaders);
  }

  /** Adds a batch; false where some of its records may match and others not by their time, so that its rows must tell. */
  add(batch: BatchFacts, summary: Uint8Array): boolean {
    const test = this.#condition.testOf(batch);
    if (test === undefined) return false;
    if (test === false) return true;
    if (this.#kind === 'by_stack') this.#addByStack(summary, test);
    else this.#addByAll(summary, test);
    return true;
  }

  /** Adds what rows came to. */
  addSums(sums: ReadonlyMap<number, number | bigint>): void {
    for (const [id, sum] of sums) this.#sums.add(id, sum);
  }

  /** The sums by stack, bigints where they may be above 2^53. */
  sums(): ReadonlyMap<number, number | bigint> {
    return this.#sums.toMap();
  }

  #addByStack(summary: Uint8Array, test: EntryTest | true): void {
    const reader = new VarintReader(summary);
    const { measures, events } = this.#layout;
    const hasEvents = reader.next() === 1 && events !== undefined;
    const sums = measures.length + Number(hasEvents);
    const weightPlace = !hasEvents && this.#weightPlace === measures.length ? -1 : this.#weightPlace;
    const { ids } = this.#cursor;
    let id = -1;
    while (!reader.isAtEnd) {
      id += reader.next();
      let weight = reader.next();
      for (let place = 0; place < sums; place++) {
        const sum = reader.next();
        if (place === weightPlace) weight = sum;
      }
      if (id < 0) continue;
      ids[this.#stackPlace] = id;
      if (test === true || test(ids)) this.#sums.add(id, weight);
    }
  }

  #addByAll(summary: Uint8Array, test: EntryTest | true): void {
    const cursor = this.#cursor;
    cursor.open(summary);
    while (cursor.next()) {
      const stackId = cursor.ids[this.#stackPlace]!;
      if (stackId < 0 || (test !== true && !test(cursor.ids))) continue;
      this.#sums.add(stackId, this.#weightPlace < 0 ? cursor.records : cursor.sums[this.#weightPlace]!);
    }
  }
}

/** Ids up to here are taken for slots as they are; larger ones, hashes, are numbered first. */
const MAX_DENSE_ID = 1 << 24;

/** Exact sums by id, whether ids are small and dense or hashes of 52 bits. */
class SumsById {
  readonly #dense = new SlotSums();
  readonly #sparse = new SlotSums();
  readonly #slots = new Map<number, number>();

  add(id: number, value: number | bigint): void {
    if (id <= MAX_DENSE_ID) {
      this.#dense.add(id, value);
      return;
    }
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(id, slot);
    }
    this.#sparse.add(slot, value);
  }

  toMap(): ReadonlyMap<number, number | bigint> {
    const sums = new Map(this.#dense.toMap());
    const sparse = this.#sparse.toMap();
    for (const [id, slot] of this.#slots) sums.set(id, sparse.get(slot)!);
    return sums;
  }
}
