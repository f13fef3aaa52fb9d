import { TooManyValues } from './too-many-values.ts';

const FIRST_CAPACITY = 1024;
/** Memory beyond it is asked for at once: the system gives it as it is used, and no copy needs room beside it. */
const LARGE_CAPACITY = 2 ** 20;
/** Shares are in thousandths of a per cent. */
const WHOLE = 100_000;

/** Numbers with their weights, of which percentiles are found in the memory that they are in. */
export class RankedValues {
  #values = new Float64Array(FIRST_CAPACITY);
  /** Absent as long as every value weighs 1. */
  #weights: Uint32Array | undefined;
  #length = 0;
  #total = 0;
  #isSorted = false;

  /** How many values there is room for. */
  get capacity(): number {
    return this.#values.length;
  }

  /** Takes out all values. */
  clear(): void {
    this.#length = 0;
    this.#total = 0;
    this.#weights = undefined;
    this.#isSorted = false;
  }

  /** Adds a number that weighs 1 to 2^32-1. Throws `TooManyValues` for more than `most`. */
  add(value: number, weight: number, most: number): void {
    const at = this.#length;
    if (at >= most) throw new TooManyValues();
    if (at === this.#values.length) this.#grow(at >= LARGE_CAPACITY ? most : at * 2);
    this.#values[at] = value;
    if (weight !== 1 && this.#weights === undefined)
      this.#weights = new Uint32Array(this.#values.length).fill(1, 0, at);
    if (this.#weights !== undefined) this.#weights[at] = weight;
    this.#length = at + 1;
    this.#total += weight;
    this.#isSorted = false;
    // Above, weights do not add up exactly.
    if (this.#total > Number.MAX_SAFE_INTEGER) throw new TooManyValues();
  }

  /** The least value that a share of the whole weight, in thousandths of a per cent, is not above; null of no values. */
  nearestRank(share: number): number | null {
    if (this.#length === 0) return null;
    const whole = BigInt(WHOLE);
    const target = Number((BigInt(this.#total) * BigInt(share) + whole - 1n) / whole);
    const rank = Math.max(1, target);
    if (this.#weights !== undefined) return selectByWeight(this.#values, this.#weights, this.#length, rank);
    if (!this.#isSorted) this.#values.subarray(0, this.#length).sort();
    this.#isSorted = true;
    return this.#values[rank - 1]!;
  }

  #grow(capacity: number): void {
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#values = values;
    if (this.#weights === undefined) return;
    const weights = new Uint32Array(capacity);
    weights.set(this.#weights);
    this.#weights = weights;
  }
}

/** Finds the least value that, with all that are less, weighs `target`, by parting what is left around one of its values. */
function selectByWeight(values: Float64Array, weights: Uint32Array, length: number, target: number): number {
  let first = 0;
  let last = length - 1;
  let below = 0;
  for (;;) {
    const pivot = medianOf(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let less = first;
    let more = last;
    let lessWeight = 0;
    let pivotWeight = 0;
    for (let at = first; at <= more; ) {
      const value = values[at]!;
      const weight = weights[at]!;
      if (value === pivot) {
        pivotWeight += weight;
        at++;
        continue;
      }
      const other = value < pivot ? less++ : more--;
      values[at] = values[other]!;
      weights[at] = weights[other]!;
      values[other] = value;
      weights[other] = weight;
      if (value > pivot) continue;
      lessWeight += weight;
      at++;
    }
    if (below + lessWeight >= target) last = less - 1;
    else if (below + lessWeight + pivotWeight >= target) return pivot;
    else {
      below += lessWeight + pivotWeight;
      first = more + 1;
    }
  }
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
