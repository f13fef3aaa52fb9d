import { type Category, entryColumns } from '../../category/define-category.ts';
import type { RowQuery } from '../../query/query.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { EntryCursor } from './entry-cursor.ts';
import { type BatchFacts, SummaryCondition, testedDictionaries } from './summary-condition.ts';
import { summaryLayout } from './summary-layout.ts';

/** More records than this are not looked for by rank: nearly every batch would hold some. */
const MAX_RECORDS = 10_000;

/** A question for the records that are greatest in a measure, as summaries can be asked. */
export interface RankQuestion {
  readonly category: Category;
  /** The measure's place among the entry columns. */
  readonly place: number;
  /** How many records are asked for, those that are passed over included. */
  readonly records: number;
  /** What the condition tests besides the measure, and the least that the measure may be. */
  readonly condition: Resolved;
  readonly least: number;
}

/** Where the greatest records are. */
export interface Ranking {
  readonly batchIds: readonly number[];
  /** No record below this is among the greatest. */
  readonly least: number;
}

/**
 * Reads a question as one for the greatest records of a measure; undefined where it is none, or summaries cannot tell
 * which records match but by the measure itself being large enough.
 */
export function rankQuestion(query: RowQuery, resolved: Resolved): RankQuestion | undefined {
  const { category, limit, offset, sort } = query;
  const records = limit === undefined ? Number.POSITIVE_INFINITY : limit + (offset ?? 0);
  const [first] = sort;
  if (first?.descending !== true || records > MAX_RECORDS) return undefined;
  const place = entryColumns(category).findIndex(({ name }) => name === first.column);
  if (!summaryLayout(category).measures.includes(place)) return undefined;
  let least = 0;
  const rest: Resolved[] = [];
  for (const part of resolved.kind === 'and' ? resolved.conditions : [resolved]) {
    if (part.kind === 'number' && part.column === first.column && part.operator === '>=') {
      least = Math.max(least, part.value);
    } else if (part.kind === 'number' && part.column === first.column && part.operator === '>') {
      least = Math.max(least, Math.floor(part.value) + 1);
    } else rest.push(part);
  }
  const condition: Resolved = { kind: 'and', conditions: rest };
  if (testedDictionaries(category, condition) === undefined) return undefined;
  return { category, place, records, condition, least };
}

/**
 * Finds the batches that hold the greatest records. The greatest value of each group of records in a summary is that of
 * a record: with as many as are asked for at hand, nothing below the least of them needs to be looked at.
 */
export class BatchRanker {
  readonly #question: RankQuestion;
  readonly #condition: SummaryCondition;
  readonly #cursor: EntryCursor;
  /** The measure's place among the measures. */
  readonly #measure: number;
  readonly #greatest: GreatestValues;
  /** Batches with the greatest value of their matching records; without bound where rows must tell. */
  readonly #batches: { readonly id: number; readonly greatest: number }[] = [];

  constructor(question: RankQuestion) {
    this.#question = question;
    this.#condition = new SummaryCondition(question.category, question.condition);
    this.#cursor = new EntryCursor(question.category, this.#condition.leaders);
    this.#measure = summaryLayout(question.category).measures.indexOf(question.place);
    this.#greatest = new GreatestValues(question.records);
  }

  /** Adds a batch; one without a summary is looked into in any case. */
  add(id: number, batch: BatchFacts, byAll: Uint8Array | undefined): void {
    const greatest = byAll === undefined ? Number.POSITIVE_INFINITY : this.#greatestOf(batch, byAll);
    if (greatest >= this.#least) this.#batches.push({ id, greatest });
  }

  ranking(): Ranking {
    const least = this.#least;
    const batchIds = this.#batches.filter(({ greatest }) => greatest >= least).map(({ id }) => id);
    return { batchIds, least };
  }

  get #least(): number {
    return Math.max(this.#question.least, this.#greatest.least);
  }

  #greatestOf(batch: BatchFacts, byAll: Uint8Array): number {
    const test = this.#condition.testOf(batch);
    if (test === undefined) return Number.POSITIVE_INFINITY;
    if (test === false) return -1;
    const cursor = this.#cursor;
    const place = this.#measure;
    let greatest = -1;
    cursor.open(byAll);
    while (cursor.next()) {
      const value = cursor.greatest[place]!;
      if (value < this.#least || (test !== true && !test(cursor.ids))) continue;
      this.#greatest.add(value);
      if (value > greatest) greatest = value;
    }
    return greatest;
  }
}

/** The greatest values of those added, up to a number of them. */
class GreatestValues {
  readonly #count: number;
  /** Ascending. */
  readonly #values: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** What a value must be at least to be among them; -1 while there is room. */
  get least(): number {
    return this.#values.length < this.#count ? -1 : this.#values[0]!;
  }

  add(value: number): void {
    let [low, high] = [0, this.#values.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    this.#values.splice(low, 0, value);
    if (this.#values.length > this.#count) this.#values.shift();
  }
}
