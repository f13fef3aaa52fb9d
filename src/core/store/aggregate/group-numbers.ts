/** Groups and values that are numbered at most: products of two such numbers are exact. */
const MAX_NUMBERS = 2 ** 26;

/** Numbers groups in the order they are met in, by their keys. */
export class GroupNumbers {
  /** For each key: the values that were met, numbered. */
  readonly #values: readonly Map<number | null, number>[];
  /** For each key: what agrees in the keys up to it, numbered, by the number before it and that of the value. */
  readonly #agreeing: readonly Map<number, number>[];
  readonly #keys: readonly (number | null)[][];
  #count = 0;

  constructor(keyCount: number) {
    this.#values = Array.from({ length: keyCount }, () => new Map());
    this.#agreeing = Array.from({ length: keyCount }, () => new Map());
    this.#keys = Array.from({ length: keyCount }, () => []);
  }

  /** The number of the group that has these keys: the next one for a group that was not met before. */
  numberOf(keys: readonly (number | null)[]): number {
    let number = 0;
    for (let k = 0; k < this.#values.length; k++) {
      const value = numberIn(this.#values[k]!, keys[k]!);
      number = numberIn(this.#agreeing[k]!, number * MAX_NUMBERS + value);
    }
    if (number === this.#count) {
      this.#count++;
      for (let k = 0; k < this.#keys.length; k++) this.#keys[k]!.push(keys[k]!);
    }
    return number;
  }

  /** The keys of all groups, by key and then by group. */
  keys(): readonly (readonly (number | null)[])[] {
    return this.#keys;
  }
}

function numberIn<K>(numbers: Map<K, number>, key: K): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
