import { ExactSums } from './exact-sums.ts';
import type { WeightedStack } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { type ViewedBytes, viewedBytes } from './viewed-bytes.ts';

const CHUNK_BYTES = 1 << 22;

/** How many stacks are added at a time. */
export const BATCH_LINES = 64;
/** How many bytes of stacks wait before a table is made of them, and how many lines: short ones take more than their bytes. */
const WAITING_BYTES = 1 << 23;
const WAITING_LINES = 1 << 16;

/** Stacks to add: where they are in `bytes`, and what they weigh. */
export interface StackBatch {
  readonly bytes: Uint8Array;
  /** Over `bytes`. */
  readonly view: DataView;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly weights: Float64Array;
  count: number;
}

/** Is handed the bytes of a stack, from `start` to `end`, and what it weighs. */
type StackVisitor = (text: ViewedBytes, start: number, end: number, weight: number) => void;

/** Makes a batch without stacks over bytes. */
export function emptyBatch(bytes: Uint8Array): StackBatch {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    starts: new Int32Array(BATCH_LINES),
    ends: new Int32Array(BATCH_LINES),
    weights: new Float64Array(BATCH_LINES),
    count: 0,
  };
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A set of distinct stacks with their summed weights, held as UTF-8 bytes in order of first appearance. Finding a
 * stack again costs a hash and a comparison of bytes; no string is made before someone iterates. The first megabytes
 * wait until more come or someone asks for distinct stacks: for them alone that costs more than it saves.
 */
export class FoldedStacks implements Iterable<WeightedStack> {
  /** Lines that were read, blank ones and comments left out. */
  lineCount = 0;
  #count = 0;
  readonly #weights = new ExactSums(1 << 14);
  /** Where each stack's bytes are: chunk, start and size, side by side so that a look-up misses the cache once. */
  #places = new Uint32Array(3 << 14);
  /** Open addressing: the hash and the stack's number plus one, side by side. */
  #slots = new Int32Array(1 << 16);
  readonly #chunks: ViewedBytes[] = [];
  #used = CHUNK_BYTES;
  readonly #batchHashes = new Int32Array(BATCH_LINES);
  readonly #batchCandidates = new Int32Array(BATCH_LINES);
  /** Where the sum of what was fetched goes: what is never used need not be read. */
  readonly #sink = new Float64Array(1);

  /** Batches that were added before the table was made; undefined from then on. */
  #waiting: StackBatch[] | undefined = [];
  #waitingBytes = 0;

  /** How many distinct stacks there are. */
  get stackCount(): number {
    this.#makeTable();
    return this.#count;
  }

  /** Whether batches are kept that are added: neither they nor their bytes may then be changed. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Tells whether batches over so many more bytes will be kept. */
  waitsFor(size: number): boolean {
    this.#waitingBytes += size;
    if (this.#waitingBytes > WAITING_BYTES) this.#makeTable();
    return this.isWaiting;
  }

  /** Adds the stacks of a batch. */
  add(batch: StackBatch): void {
    this.lineCount += batch.count;
    if (this.#waiting === undefined) {
      this.#merge(batch);
      return;
    }
    this.#waiting.push(batch);
    if (this.lineCount > WAITING_LINES) this.#makeTable();
  }

  #makeTable(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const batch of waiting) this.#merge(batch);
  }

  #merge(batch: StackBatch): void {
    const { bytes, view, starts, ends, weights } = batch;
    this.#fetch(batch);
    for (let line = 0; line < batch.count; line++) {
      const start = starts[line]!;
      const end = ends[line]!;
      const slot = this.#slotOf(view, start, end - start, this.#batchHashes[line]!);
      const known = this.#slots[slot + 1]! - 1;
      if (known < 0) {
        this.#slots[slot] = this.#batchHashes[line]!;
        this.#slots[slot + 1] = this.#count + 1;
        this.#insert(bytes.subarray(start, end));
      }
      this.#weights.add(known < 0 ? this.#count - 1 : known, weights[line]!);
      if (this.#count * 4 > this.#slots.length) this.#rehash();
    }
  }

  /**
   * Hashes a batch, and reads one byte of each cache line that looking its stacks up will need. On a large set nearly
   * each look-up waits for main memory; here many such reads are under way at once, which halves the time of it all.
   */
  #fetch({ view, starts, ends, count }: StackBatch): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let sum = 0;
    for (let line = 0; line < count; line++) {
      const hash = hashBytes(view, starts[line]!, ends[line]!);
      this.#batchHashes[line] = hash;
      sum += slots[(hash << 1) & mask]!;
    }
    for (let line = 0; line < count; line++) {
      const index = slots[((this.#batchHashes[line]! << 1) & mask) + 1]! - 1;
      this.#batchCandidates[line] = index;
      if (index >= 0) sum += this.#places[index * 3]! + this.#weights.value(index);
    }
    for (let line = 0; line < count; line++) {
      const place = this.#batchCandidates[line]! * 3;
      if (place < 0) continue;
      const chunk = this.#chunks[this.#places[place]!]!.bytes;
      const end = this.#places[place + 1]! + this.#places[place + 2]!;
      for (let at = this.#places[place + 1]!; at < end; at += 64) sum += chunk[at]!;
    }
    this.#sink[0] = sum;
  }

  /** Finds the slot that holds the stack, or the empty one where it belongs. */
  #slotOf(view: DataView, start: number, size: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (; slots[slot + 1] !== 0; slot = (slot + 2) & mask) {
      if (slots[slot] !== hash) continue;
      const place = (slots[slot + 1]! - 1) * 3;
      if (this.#places[place + 2] !== size) continue;
      if (sameBytes(this.#chunks[this.#places[place]!]!.view, this.#places[place + 1]!, view, start, size))
        break;
    }
    return slot;
  }

  /**
   * Hands out each stack's bytes and weight, or its parts' where it is still waiting; the bytes stay as they are as long as
   * the set lives.
   */
  visit(visitor: StackVisitor): void {
    for (const batch of this.#waiting ?? []) visitBatch(batch, visitor);
    for (let index = 0; index < this.#count; index++) {
      const start = this.#places[index * 3 + 1]!;
      const text = this.#chunks[this.#places[index * 3]!]!;
      visitor(text, start, start + this.#places[index * 3 + 2]!, this.#weights.value(index));
    }
  }

  *[Symbol.iterator](): Generator<WeightedStack> {
    this.#makeTable();
    for (let index = 0; index < this.#count; index++) {
      const start = this.#places[index * 3 + 1]!;
      const chunk = this.#chunks[this.#places[index * 3]!]!.bytes;
      const stack = decoder.decode(chunk.subarray(start, start + this.#places[index * 3 + 2]!));
      yield { stack, weight: this.#weights.value(index) };
    }
  }

  #insert(stack: Uint8Array): void {
    if (this.#used + stack.length > (this.#chunks.at(-1)?.bytes.length ?? 0)) {
      this.#chunks.push(viewedBytes(Math.max(CHUNK_BYTES, stack.length)));
      this.#used = 0;
    }
    const index = this.#count++;
    const place = index * 3;
    if (place === this.#places.length) {
      this.#places = growTyped(this.#places, place * 2);
      this.#weights.grow(index * 2);
    }
    this.#chunks.at(-1)!.bytes.set(stack, this.#used);
    this.#places[place] = this.#chunks.length - 1;
    this.#places[place + 1] = this.#used;
    this.#places[place + 2] = stack.length;
    this.#used += stack.length;
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

/** A function of its own: called often and short it is optimized by itself, not a second time for the loop in `visit`. */
function visitBatch(batch: StackBatch, visitor: StackVisitor): void {
  const { starts, ends, weights, count } = batch;
  for (let line = 0; line < count; line++) visitor(batch, starts[line]!, ends[line]!, weights[line]!);
}

/** Four lanes of four bytes at a time: the lanes do not wait for each other, which is what makes it fast. */
function hashBytes(view: DataView, start: number, end: number): number {
  let a = end - start;
  let b = 0x2c1b3c6d;
  let c = 0x297a2d39;
  let d = 0x165667b1;
  let at = start;
  for (; at + 16 <= end; at += 16) {
    a = Math.imul(a ^ view.getInt32(at, true), 0x9e3779b1);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ view.getInt32(at + 4, true), 0x85ebca6b);
    b = (b << 13) | (b >>> 19);
    c = Math.imul(c ^ view.getInt32(at + 8, true), 0xc2b2ae35);
    c = (c << 16) | (c >>> 16);
    d = Math.imul(d ^ view.getInt32(at + 12, true), 0x27d4eb2f);
    d = (d << 14) | (d >>> 18);
  }
  for (; at + 4 <= end; at += 4) {
    a = Math.imul(a ^ view.getInt32(at, true), 0x9e3779b1);
    a = (a << 15) | (a >>> 17);
  }
  for (; at < end; at++) b = Math.imul(b ^ view.getUint8(at), 0x01000193);
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x27d4eb2f) ^ Math.imul(c, 0x165667b1) ^ d;
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}

function sameBytes(a: DataView, aStart: number, b: DataView, bStart: number, size: number): boolean {
  let at = 0;
  // As doubles, eight bytes at a time: equal ones have equal bytes, but for 0 and -0, and no stack has a zero byte. Bytes
  // that are no number equal nothing, not even themselves; the words below decide about these.
  while (at + 16 <= size) {
    const same =
      a.getFloat64(aStart + at, true) === b.getFloat64(bStart + at, true) &&
      a.getFloat64(aStart + at + 8, true) === b.getFloat64(bStart + at + 8, true);
    if (!same) break;
    at += 16;
  }
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
