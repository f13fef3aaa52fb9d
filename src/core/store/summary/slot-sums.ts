/** Exact sums of whole numbers by slot. */
export class SlotSums {
  #sums = new Float64Array(1024);
  #used = new Uint8Array(1024);
  readonly #carried = new Map<number, bigint>();

  /** Adds a whole number, a bigint where it is above 2^53 in size, to a slot, a small whole number. */
  add(slot: number, value: number | bigint): void {
    if (slot >= this.#sums.length) this.#grow(slot);
    this.#used[slot] = 1;
    if (typeof value === 'bigint') {
      this.#carried.set(slot, (this.#carried.get(slot) ?? 0n) + value);
      return;
    }
    const sum = this.#sums[slot]! + value;
    if (Math.abs(sum) <= Number.MAX_SAFE_INTEGER) this.#sums[slot] = sum;
    else {
      // Doubles stop being exact here: set the sum so far aside and go on from this value.
      this.#carried.set(slot, (this.#carried.get(slot) ?? 0n) + BigInt(this.#sums[slot]!));
      this.#sums[slot] = value;
    }
  }

  /** The sums by slot, of the slots that anything was added to, in ascending order; bigints where they may be above 2^53. */
  toMap(): ReadonlyMap<number, number | bigint> {
    const map = new Map<number, number | bigint>();
    for (let slot = 0; slot < this.#used.length; slot++) {
      if (this.#used[slot] === 0) continue;
      const carried = this.#carried.get(slot);
      const sum = this.#sums[slot]!;
      map.set(slot, carried === undefined ? sum : carried + BigInt(sum));
    }
    return map;
  }

  #grow(slot: number): void {
    const length = 2 ** Math.ceil(Math.log2(slot + 1));
    const sums = new Float64Array(length);
    const used = new Uint8Array(length);
    sums.set(this.#sums);
    used.set(this.#used);
    this.#sums = sums;
    this.#used = used;
  }
}
