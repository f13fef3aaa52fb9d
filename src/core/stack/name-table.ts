import { growTyped } from './grow-typed.ts';
import type { ViewedBytes } from './viewed-bytes.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Gives each distinct name in UTF-8 an id, in the order they are first seen, without making a string per look-up. */
export class NameTable {
  /** The names by id. */
  readonly names: string[] = [];
  #count = 0;
  #nameIds = new Uint32Array(1 << 13);
  /** Bytes that are no valid UTF-8 can decode to one name in several ways; they share its id. */
  readonly #repaired = new Map<string, number>();
  #bytes = new Uint8Array(1 << 18);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #starts = new Uint32Array(1 << 13);
  #hashes = new Int32Array(1 << 13);
  #slots = new Int32Array(1 << 14);

  /** Finds or makes the id of the bytes from `start` to `end`, whose hash the caller has made on its way. */
  idOf(text: ViewedBytes, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (;;) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) break;
      if (this.#hashes[entry] === hash && this.#holds(entry, text, start, end)) return this.#nameIds[entry]!;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#count + 1;
    return this.#insert(text.bytes.subarray(start, end), hash);
  }

  #holds(entry: number, { bytes, view }: ViewedBytes, start: number, end: number): boolean {
    let at = this.#starts[entry]!;
    if (this.#starts[entry + 1]! - at !== end - start) return false;
    let index = start;
    for (; index + 4 <= end; index += 4, at += 4) {
      if (this.#view.getInt32(at, true) !== view.getInt32(index, true)) return false;
    }
    for (; index < end; index++) {
      if (this.#bytes[at++] !== bytes[index]) return false;
    }
    return true;
  }

  #insert(name: Uint8Array, hash: number): number {
    const entry = this.#count++;
    if (this.#used + name.length > this.#bytes.length) {
      this.#bytes = growTyped(this.#bytes, this.#used + name.length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#starts = growTyped(this.#starts, entry + 2);
    this.#hashes = growTyped(this.#hashes, entry + 1);
    this.#nameIds = growTyped(this.#nameIds, entry + 1);
    this.#bytes.set(name, this.#used);
    this.#used += name.length;
    this.#starts[entry + 1] = this.#used;
    this.#hashes[entry] = hash;
    const nameId = this.#nameIdOf(decoder.decode(name));
    this.#nameIds[entry] = nameId;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return nameId;
  }

  #nameIdOf(name: string): number {
    if (!name.includes('\ufffd')) return this.names.push(name) - 1;
    const known = this.#repaired.get(name);
    if (known !== undefined) return known;
    const nameId = this.names.push(name) - 1;
    this.#repaired.set(name, nameId);
    return nameId;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = spread(this.#hashes[entry]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
