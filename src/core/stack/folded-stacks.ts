import { ExactSums } from './exact-sums.ts';
import type { WeightedStack } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';

const CHUNK_BYTES = 1 << 22;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A set of distinct stacks with their summed weights, held as UTF-8 bytes in order of first appearance. Finding a
 * stack again costs a hash and a comparison of bytes; no string is made before someone iterates.
 */
export class FoldedStacks implements Iterable<WeightedStack> {
  /** Lines that were read, blank ones and comments left out. */
  lineCount = 0;
  #count = 0;
  readonly #weights = new ExactSums(1 << 10);
  /** Where each stack's bytes are: chunk, start and size, side by side so that a look-up misses the cache once. */
  #places = new Uint32Array(3 << 10);
  /** Open addressing: the hash and the stack's number plus one, side by side. */
  #slots = new Int32Array(1 << 13);
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #views: DataView[] = [];
  #used = CHUNK_BYTES;

  /** How many distinct stacks there are. */
  get stackCount(): number {
    return this.#count;
  }

  /** Adds the stack in `bytes` from `start` to `end`; answers whether it is a new one. `view` is over `bytes`. */
  add(bytes: Uint8Array, view: DataView, start: number, end: number, weight: number): boolean {
    const hash = hashBytes(view, start, end);
    const size = end - start;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (; slots[slot + 1] !== 0; slot = (slot + 2) & mask) {
      if (slots[slot] !== hash) continue;
      const index = slots[slot + 1]! - 1;
      const place = index * 3;
      if (this.#places[place + 2] !== size) continue;
      const other = this.#views[this.#places[place]!]!;
      if (!sameBytes(other, this.#places[place + 1]!, view, start, size)) continue;
      this.#weights.add(index, weight);
      return false;
    }
    slots[slot] = hash;
    slots[slot + 1] = this.#count + 1;
    this.#insert(bytes.subarray(start, end), weight);
    return true;
  }

  /** Hands out each stack's bytes and weight; the bytes stay as they are as long as the set lives. */
  visit(visitor: (bytes: Uint8Array<ArrayBuffer>, start: number, end: number, weight: number) => void): void {
    for (let index = 0; index < this.#count; index++) {
      const start = this.#places[index * 3 + 1]!;
      const bytes = this.#chunks[this.#places[index * 3]!]!;
      visitor(bytes, start, start + this.#places[index * 3 + 2]!, this.#weights.value(index));
    }
  }

  *[Symbol.iterator](): Generator<WeightedStack> {
    for (let index = 0; index < this.#count; index++) {
      const start = this.#places[index * 3 + 1]!;
      const chunk = this.#chunks[this.#places[index * 3]!]!;
      const stack = decoder.decode(chunk.subarray(start, start + this.#places[index * 3 + 2]!));
      yield { stack, weight: this.#weights.value(index) };
    }
  }

  #insert(stack: Uint8Array, weight: number): void {
    if (this.#used + stack.length > (this.#chunks.at(-1)?.length ?? 0)) {
      const chunk = new Uint8Array(Math.max(CHUNK_BYTES, stack.length));
      this.#chunks.push(chunk);
      this.#views.push(new DataView(chunk.buffer));
      this.#used = 0;
    }
    const index = this.#count++;
    const place = index * 3;
    if (place === this.#places.length) {
      this.#places = growTyped(this.#places, place * 2);
      this.#weights.grow(index * 2);
    }
    this.#chunks.at(-1)!.set(stack, this.#used);
    this.#places[place] = this.#chunks.length - 1;
    this.#places[place + 1] = this.#used;
    this.#places[place + 2] = stack.length;
    this.#weights.add(index, weight);
    this.#used += stack.length;
    if (this.#count * 4 > this.#slots.length) this.#rehash();
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let old = 0; old < this.#slots.length; old += 2) {
      if (this.#slots[old + 1] === 0) continue;
      let slot = (this.#slots[old]! << 1) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      slots[slot] = this.#slots[old]!;
      slots[slot + 1] = this.#slots[old + 1]!;
    }
    this.#slots = slots;
  }
}

/** Two lanes of four bytes at a time: the lanes do not wait for each other, which is what makes it fast. */
function hashBytes(view: DataView, start: number, end: number): number {
  let left = end - start;
  let right = 0x2c1b3c6d;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    left = Math.imul(left ^ view.getInt32(at, true), 0x9e3779b1);
    left ^= left >>> 15;
    right = Math.imul(right ^ view.getInt32(at + 4, true), 0x85ebca6b);
    right ^= right >>> 13;
  }
  for (; at < end; at++) left = Math.imul(left ^ view.getUint8(at), 0x01000193);
  let hash = left ^ Math.imul(right, 0x27d4eb2f);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}

function sameBytes(a: DataView, aStart: number, b: DataView, bStart: number, size: number): boolean {
  let at = 0;
  for (; at + 8 <= size; at += 8) {
    const left = a.getInt32(aStart + at, true) ^ b.getInt32(bStart + at, true);
    const right = a.getInt32(aStart + at + 4, true) ^ b.getInt32(bStart + at + 4, true);
    if ((left | right) !== 0) return false;
  }
  for (; at < size; at++) {
    if (a.getUint8(aStart + at) !== b.getUint8(bStart + at)) return false;
  }
  return true;
}
