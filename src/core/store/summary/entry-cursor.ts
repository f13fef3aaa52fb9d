import { type Category, entryColumns } from '../../category/define-category.ts';
import { type SummaryLayout, summaryLayout } from './summary-layout.ts';
import { VarintReader } from './varint.ts';

/** Walks the entries of `by_all` summaries of a category, one summary after the other. */
export class EntryCursor {
  /** Ids of the entry's records by place among the entry columns; -1 where they are absent. */
  readonly ids: Float64Array;
  /** How many records the entry stands for. */
  records = 0;
  /** The sum of each measure, then of the events. */
  readonly sums: Float64Array;
  /** The greatest value of each measure. */
  readonly greatest: Float64Array;
  readonly #layout: SummaryLayout;
  /** Ids of leaders, all others' entries being passed over unread; all where absent. */
  readonly #leaders: ReadonlySet<number> | undefined;
  readonly #lastLeader: number;
  #reader = new VarintReader(new Uint8Array(0));
  /** Where an entry's head counts up an id, and where ids follow it. */
  #first: number | undefined;
  #rest: readonly number[] = [];
  #firstId = -1;
  #hasEvents = false;
  #leaderId = -1;
  #endOfRun = 0;

  constructor(category: Category, leaders?: ReadonlySet<number>) {
    this.#layout = summaryLayout(category);
    this.#leaders = leaders;
    this.#lastLeader =
      leaders === undefined
        ? Number.POSITIVE_INFINITY
        : leaders.values().reduce((last, leader) => Math.max(last, leader), -1);
    this.ids = new Float64Array(entryColumns(category).length);
    this.sums = new Float64Array(this.#layout.measures.length + 1);
    this.greatest = new Float64Array(this.#layout.measures.length);
  }

  /** Goes before the first entry of a summary. */
  open(byAll: Uint8Array): void {
    const { others, optionalOthers, events } = this.#layout;
    this.#reader = new VarintReader(byAll);
    const hasExtras = this.#reader.next() === 1;
    const places = hasExtras ? others : others.filter((place) => !optionalOthers.includes(place));
    this.#first = places[0];
    this.#rest = places.slice(1);
    this.#hasEvents = hasExtras && events !== undefined;
    this.#leaderId = -1;
    this.#endOfRun = this.#reader.at;
    this.ids.fill(-1);
  }

  /** Goes to the next entry; false behind the last. */
  next(): boolean {
    const reader = this.#reader;
    while (reader.at >= this.#endOfRun) if (!this.#startRun()) return false;
    const head = reader.next();
    const isOne = head % 2 === 0;
    this.#firstId += Math.floor(head / 2);
    if (this.#first !== undefined) this.ids[this.#first] = this.#firstId;
    for (const place of this.#rest) this.ids[place] = reader.next() - 1;
    const { measures } = this.#layout;
    this.records = isOne ? 1 : reader.next();
    for (let place = 0; place < measures.length; place++) this.sums[place] = reader.next();
    this.sums[measures.length] = this.#hasEvents ? reader.next() : this.records;
    for (let place = 0; place < measures.length; place++)
      this.greatest[place] = isOne ? this.sums[place]! : this.sums[place]! - reader.next();
    return true;
  }

  /** Goes to the next run whose leader is wanted; false where there is none. */
  #startRun(): boolean {
    const reader = this.#reader;
    // Leaders ascend: behind the last one that is wanted nothing is.
    while (!reader.isAtEnd && this.#leaderId < this.#lastLeader) {
      this.#leaderId += reader.next();
      const size = reader.next();
      if (this.#leaders === undefined || this.#leaders.has(this.#leaderId)) {
        const { leader } = this.#layout;
        if (leader !== undefined) this.ids[leader] = this.#leaderId;
        this.#endOfRun = reader.at + size;
        this.#firstId = -1;
        return true;
      }
      reader.at += size;
    }
    return false;
  }
}
