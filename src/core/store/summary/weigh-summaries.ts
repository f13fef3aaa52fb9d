import { type Category, entryColumns } from '../../category/define-category.ts';
import type { StackQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { isDictionary } from '../table.ts';
import { SlotSums } from './slot-sums.ts';
import { type SummaryLayout, summaryLayout } from './summary-layout.ts';
import { VarintReader } from './varint.ts';

/** What a batch's row says of all of its records. */
export interface BatchFacts {
  readonly sourceId: number;
  readonly timeFirst: number;
  readonly timeLast: number;
}

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
  const names = testedColumns(resolved);
  const dictionaries = columns.filter(isDictionary).map((column) => column.name);
  if (names === undefined || !names.every((name) => dictionaries.includes(name))) return undefined;
  const firstStack = layout.firstStack === undefined ? undefined : columns[layout.firstStack]!.name;
  return query.stack === firstStack && names.every((name) => name === firstStack) ? 'by_stack' : 'by_all';
}

/** The columns of rows that a condition tests; undefined where it tests one for its number. */
function testedColumns(resolved: Resolved): readonly string[] | undefined {
  switch (resolved.kind) {
    case 'and':
    case 'or': {
      const parts = resolved.conditions.map(testedColumns);
      return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
    }
    case 'source':
    case 'batch':
    case 'time':
    case 'times':
      return [];
    case 'dictionary':
    case 'null':
      return [resolved.column];
    case 'number':
    case 'numbers':
      return undefined;
  }
}

/** A test of an entry's ids, by place among the entry columns. */
type EntryTest = (ids: Float64Array) => boolean;

/** Adds up summaries, batch by batch: sums of a weight by the id of a stack. */
export class SummaryWeigher {
  readonly #resolved: Resolved;
  readonly #category: Category;
  readonly #layout: SummaryLayout;
  readonly #kind: SummaryKind;
  readonly #stackPlace: number;
  /** Place of the weight among the numbers of an entry: 0 is the number of records, the events come behind the measures. */
  readonly #weightPlace: number;
  /** The same where the extras are left out: a record then stands for one event. */
  readonly #weightPlaceWithoutExtras: number;
  readonly #tests = new Map<string, EntryTest | boolean>();
  readonly #sums: SumsById;
  readonly #ids: Float64Array;
  readonly #sets = new Map<Resolved, ReadonlySet<number>>();

  constructor(query: StackQuery, resolved: Resolved, kind: SummaryKind) {
    this.#resolved = resolved;
    this.#category = query.category;
    this.#layout = summaryLayout(query.category);
    this.#kind = kind;
    const columns = entryColumns(query.category);
    this.#stackPlace = columns.findIndex((column) => column.name === query.stack);
    const { measures, events } = this.#layout;
    const isEvents = events !== undefined && columns[events]!.name === query.weight;
    const measurePlace = 1 + measures.findIndex((place) => columns[place]!.name === query.weight);
    this.#weightPlace = isEvents ? 1 + measures.length : measurePlace;
    this.#weightPlaceWithoutExtras = isEvents ? 0 : measurePlace;
    this.#ids = new Float64Array(columns.length);
    this.#sums = new SumsById();
  }

  /** Adds a batch; false where some of its records may match and others not by their time, so that its rows must tell. */
  add(batch: BatchFacts, summary: Uint8Array): boolean {
    const truths = batchTruths(this.#resolved, batch, this.#sets);
    if (truths === undefined) return false;
    let test = this.#tests.get(truths);
    if (test === undefined) {
      test = this.#compile(this.#resolved, { text: truths, at: 0 });
      this.#tests.set(truths, test);
    }
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
    const hasExtras = reader.next() === 1;
    const sums = this.#sumCount(hasExtras);
    const weightPlace = hasExtras ? this.#weightPlace : this.#weightPlaceWithoutExtras;
    const ids = this.#ids;
    let id = -1;
    while (!reader.isAtEnd) {
      id += reader.next();
      let weight = reader.next();
      for (let place = 1; place <= sums; place++) {
        const sum = reader.next();
        if (place === weightPlace) weight = sum;
      }
      if (id < 0) continue;
      ids[this.#stackPlace] = id;
      if (test === true || test(ids)) this.#sums.add(id, weight);
    }
  }

  #addByAll(summary: Uint8Array, test: EntryTest | true): void {
    const reader = new VarintReader(summary);
    const { leader, others, optionalOthers, measures } = this.#layout;
    const hasExtras = reader.next() === 1;
    const sums = this.#sumCount(hasExtras);
    const weightPlace = hasExtras ? this.#weightPlace : this.#weightPlaceWithoutExtras;
    const keys = hasExtras ? others : others.filter((place) => !optionalOthers.includes(place));
    const leaderSet = leader === undefined ? undefined : this.#leaderSet();
    const ids = this.#ids.fill(-1);
    let leaderId = -1;
    while (!reader.isAtEnd) {
      leaderId += reader.next();
      const size = reader.next();
      const end = reader.at + size;
      // Runs of a leader that cannot match are passed over unread.
      if (leaderSet !== undefined && !leaderSet.has(leaderId)) {
        reader.at = end;
        continue;
      }
      if (leader !== undefined) ids[leader] = leaderId;
      while (reader.at < end) {
        for (const place of keys) ids[place] = reader.next() - 1;
        const count = reader.next();
        let weight = count;
        for (let place = 1; place <= sums; place++) {
          const sum = reader.next();
          if (place === weightPlace) weight = sum;
        }
        if (count > 1) for (let place = 1; place <= measures.length; place++) reader.next();
        const stackId = ids[this.#stackPlace]!;
        if (stackId >= 0 && (test === true || test(ids))) this.#sums.add(stackId, weight);
      }
    }
  }

  /** How many sums an entry has. */
  #sumCount(hasExtras: boolean): number {
    const { measures, events } = this.#layout;
    return measures.length + Number(hasExtras && events !== undefined);
  }

  /** The leaders that a record must have to match, where the condition says so outright. */
  #leaderSet(): ReadonlySet<number> | undefined {
    const { leader } = this.#layout;
    const name = entryColumns(this.#category)[leader!]!.name;
    const conditions = this.#resolved.kind === 'and' ? this.#resolved.conditions : [this.#resolved];
    const condition = conditions.find(
      (part) => part.kind === 'dictionary' && part.column === name && !part.negated,
    );
    return condition === undefined ? undefined : setOf(condition, this.#sets);
  }

  /** Compiles a condition to a test of ids, given what the batch alone says of its parts, in order: `1` holds, `0` not. */
  #compile(resolved: Resolved, truths: { readonly text: string; at: number }): EntryTest | boolean {
    switch (resolved.kind) {
      case 'source':
      case 'batch':
      case 'time':
      case 'times':
        return truths.text[truths.at++] === '1';
      case 'and':
      case 'or': {
        const decisive = resolved.kind === 'or';
        const parts = resolved.conditions.map((part) => this.#compile(part, truths));
        if (parts.includes(decisive)) return decisive;
        const tests = parts.filter((part) => typeof part === 'function');
        if (tests.length === 0) return !decisive;
        if (tests.length === 1) return tests[0]!;
        return decisive
          ? (ids) => tests.some((test) => test(ids))
          : (ids) => tests.every((test) => test(ids));
      }
      case 'dictionary': {
        const place = this.#place(resolved.column);
        const set = setOf(resolved, this.#sets);
        return resolved.negated
          ? (ids) => ids[place]! >= 0 && !set.has(ids[place]!)
          : (ids) => set.has(ids[place]!);
      }
      case 'null': {
        const place = this.#place(resolved.column);
        return (ids) => ids[place]! < 0 !== resolved.negated;
      }
      case 'number':
      case 'numbers':
        throw new Error('a summary cannot tell numbers');
    }
  }

  #place(name: string): number {
    return entryColumns(this.#category).findIndex((column) => column.name === name);
  }
}

/** What a batch alone says of the parts of a condition on source and time, in order; undefined where times differ on it. */
function batchTruths(
  resolved: Resolved,
  batch: BatchFacts,
  sets: Map<Resolved, ReadonlySet<number>>,
): string | undefined {
  switch (resolved.kind) {
    case 'and':
    case 'or': {
      let text = '';
      for (const part of resolved.conditions) {
        const truths = batchTruths(part, batch, sets);
        if (truths === undefined) return undefined;
        text += truths;
      }
      return text;
    }
    case 'source':
      return setOf(resolved, sets).has(batch.sourceId) ? '1' : '0';
    case 'time': {
      const first = holds(batch.timeFirst, resolved.operator, resolved.value);
      if (batch.timeFirst === batch.timeLast) return first ? '1' : '0';
      const last = holds(batch.timeLast, resolved.operator, resolved.value);
      // Between two times on the same side of a bound all are; equality says nothing of those between.
      const isBound = resolved.operator !== '=' && resolved.operator !== '!=';
      return isBound && first === last ? (first ? '1' : '0') : undefined;
    }
    case 'times': {
      if (batch.timeFirst !== batch.timeLast) return undefined;
      return resolved.values.includes(batch.timeFirst) === resolved.negated ? '0' : '1';
    }
    case 'batch':
      throw new Error('single batches are asked for their rows, not their summaries');
    default:
      return '';
  }
}

function holds(value: number, operator: string, bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '=':
      return value === bound;
    default:
      return value !== bound;
  }
}

function setOf(
  resolved: Resolved & { readonly ids?: readonly number[] },
  sets: Map<Resolved, ReadonlySet<number>>,
): ReadonlySet<number> {
  let set = sets.get(resolved);
  if (set === undefined) {
    set = new Set(resolved.ids);
    sets.set(resolved, set);
  }
  return set;
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
