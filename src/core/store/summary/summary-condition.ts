import { type Category, entryColumns } from '../../category/define-category.ts';
import type { Resolved } from '../../query/resolve-condition.ts';
import { isDictionary } from '../table.ts';
import { summaryLayout } from './summary-layout.ts';

/** What a batch's row says of all of its records. */
export interface BatchFacts {
  readonly sourceId: number;
  readonly timeFirst: number;
  readonly timeLast: number;
}

/**
 * Lists the dictionary columns that a condition tests of records; undefined where it tests anything else of them, which
 * summaries cannot tell.
 */
export function testedDictionaries(category: Category, resolved: Resolved): readonly string[] | undefined {
  const names = testedColumns(resolved);
  const dictionaries = entryColumns(category)
    .filter(isDictionary)
    .map((column) => column.name);
  return names?.every((name) => dictionaries.includes(name)) ? names : undefined;
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
export type EntryTest = (ids: Float64Array) => boolean;

/** A condition as summaries can be asked: of a batch first, then of the ids of its entries. */
export class SummaryCondition {
  readonly #resolved: Resolved;
  readonly #category: Category;
  readonly #tests = new Map<string, EntryTest | boolean>();
  readonly #sets = new Map<Resolved, ReadonlySet<number>>();
  /** The ids of the leader that a record must have to match, where the condition says so outright. */
  readonly leaders: ReadonlySet<number> | undefined;

  constructor(category: Category, resolved: Resolved) {
    this.#category = category;
    this.#resolved = resolved;
    this.leaders = this.#leaderSet();
  }

  /** The test of a batch's entries, or what holds for all of them; undefined where their times differ on it, so that rows must tell. */
  testOf(batch: BatchFacts): EntryTest | boolean | undefined {
    const truths = batchTruths(this.#resolved, batch, this.#sets);
    if (truths === undefined) return undefined;
    let test = this.#tests.get(truths);
    if (test === undefined) {
      test = this.#compile(this.#resolved, { text: truths, at: 0 });
      this.#tests.set(truths, test);
    }
    return test;
  }

  #leaderSet(): ReadonlySet<number> | undefined {
    const { leader } = summaryLayout(this.#category);
    if (leader === undefined) return undefined;
    const name = entryColumns(this.#category)[leader]!.name;
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
