/** Bytes that grow as whole numbers are put in: seven bits a byte, the lowest first, the top bit set on all but the last. */
export class VarintWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Puts in a whole number of 0 to 2^53. */
  put(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    // Bit operations hold 31 bits alone; above, division does.
    while (rest >= 0x80000000) {
      bytes[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** Puts in bytes as they are. */
  putBytes(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Gives a copy of the bytes and starts over. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #grow(extra: number): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** Reads whole numbers that a VarintWriter put together. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  /** Where the next number starts. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  next(): number {
    const bytes = this.#bytes;
    let at = this.at;
    let byte = bytes[at++]!;
    let low = byte & 127;
    // By steps of their own up to 28 bits: a loop with a factor, which has to be a double, takes half as long again.
    if (byte >= 128) {
      byte = bytes[at++]!;
      low |= (byte & 127) << 7;
      if (byte >= 128) {
        byte = bytes[at++]!;
        low |= (byte & 127) << 14;
        if (byte >= 128) {
          byte = bytes[at++]!;
          low |= (byte & 127) << 21;
          if (byte >= 128) return this.#nextAbove(low, at);
        }
      }
    }
    this.at = at;
    return low;
  }

  /** Reads what comes behind the lowest 28 bits of a number: 25 bits at most. */
  #nextAbove(low: number, start: number): number {
    const bytes = this.#bytes;
    let at = start;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      high |= (byte & 127) << shift;
      if (byte >= 128) continue;
      this.at = at;
      return low + high * 2 ** 28;
    }
  }
}
