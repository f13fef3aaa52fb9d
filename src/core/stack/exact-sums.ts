import { growTyped } from './grow-typed.ts';

/**
 * Sums of doubles that stay exact to about 106 bits: each sum carries the rounding error of its additions beside it
 * (Knuth's TwoSum), so that `value` is the correctly rounded sum however many terms it had.
 */
export class ExactSums {
  /** Sum and error side by side: they are always used together. */
  #pairs: Float64Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.#pairs = new Float64Array(capacity * 2);
  }

  /** Makes room for `needed` sums. */
  grow(needed: number): void {
    this.#pairs = growTyped(this.#pairs, needed * 2);
  }

  /** Copies the first `count` sums. */
  slice(count: number): ExactSums {
    const copy = new ExactSums(0);
    copy.#pairs = this.#pairs.slice(0, count * 2);
    return copy;
  }

  clear(index: number): void {
    this.#pairs[index * 2] = 0;
    this.#pairs[index * 2 + 1] = 0;
  }

  add(index: number, term: number): void {
    const pairs = this.#pairs;
    const before = pairs[index * 2]!;
    const sum = before + term;
    const rounded = sum - before;
    pairs[index * 2] = sum;
    pairs[index * 2 + 1]! += before - (sum - rounded) + (term - rounded);
  }

  /** Adds one whole sum of `other`, its error included. */
  addSum(index: number, other: ExactSums, otherIndex: number): void {
    this.add(index, other.#pairs[otherIndex * 2]!);
    this.#pairs[index * 2 + 1]! += other.#pairs[otherIndex * 2 + 1]!;
  }

  value(index: number): number {
    return this.#pairs[index * 2]! + this.#pairs[index * 2 + 1]!;
  }
}
