import { ExactSums } from './exact-sums.ts';
import { type FrameTree, ROOT_NAME } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';

const ROOT = 0;

/**
 * Merges paths of name ids into a call tree, in any order, and lays it out as a FrameTree at the end. The end of a
 * stack that no other stack shares stays a list of ids (a tail) and becomes nodes only when another one branches off:
 * most frames of most recordings are in tails, and need no place in the hash table.
 */
export class TreeBuilder {
  #count = 1;
  #parents = new Int32Array(1 << 10);
  #nameIds = new Int32Array(1 << 10);
  readonly #selfs = new ExactSums(1 << 10);
  /** Where each node's tail starts in the pool, its size (0 for none), and what the stack at its end weighs. */
  #tailStarts = new Uint32Array(1 << 10);
  #tailSizes = new Uint32Array(1 << 10);
  readonly #tailWeights = new ExactSums(1 << 10);
  #pool = new Uint32Array(1 << 12);
  #pooled = 0;
  /** Open addressing: parent, name id, node and a blank, side by side so that a look-up misses the cache once. */
  #slots = new Int32Array(1 << 13);
  /** The last path and the nodes on it, as deep as it has nodes. */
  #lastIds = new Uint32Array(1 << 8);
  #lastNodes = new Int32Array(1 << 8);
  #lastDepth = 0;

  constructor() {
    this.#parents[ROOT] = -1;
  }

  /** Adds to the weight of the stack whose frames are the first `size` ids of `path`, root first. */
  add(path: ArrayLike<number>, size: number, weight: number): void {
    if (size > this.#lastIds.length) {
      this.#lastIds = growTyped(this.#lastIds, size);
      this.#lastNodes = growTyped(this.#lastNodes, size);
    }
    let depth = 0;
    while (depth < size && depth < this.#lastDepth && path[depth] === this.#lastIds[depth]) depth++;
    let node = depth === 0 ? ROOT : this.#lastNodes[depth - 1]!;
    this.#lastDepth = depth;
    let sharedUntil = 0;
    while (depth < size) {
      const tailSize = this.#tailSizes[node]!;
      if (tailSize > 0 && depth >= sharedUntil) {
        const shared = this.#sharedTail(node, path, depth, size);
        sharedUntil = depth + shared;
        if (sharedUntil === size && shared === tailSize) {
          this.#tailWeights.add(node, weight);
          return;
        }
      }
      if (tailSize > 0) this.#dissolveTail(node);
      const known = this.#find(node, path[depth]!);
      if (known < 0) {
        const made = this.#insert(node, path[depth]!);
        this.#note(path[depth]!, made);
        this.#setTail(made, path, depth + 1, size, weight);
        return;
      }
      node = known;
      this.#note(path[depth++]!, node);
    }
    this.#selfs.add(node, weight);
  }

  /**
   * Lays the nodes out in preorder, children by name, which ends the building. `names` is indexed by the name ids that
   * were given.
   */
  finish(names: readonly string[]): FrameTree {
    // A tenth of the memory of a large tree, and nothing is looked up any more.
    this.#slots = new Int32Array(0);
    const { sorted, ranks, rootRank } = this.#rankNames(names);
    const { first, next } = this.#linkChildren(ranks, sorted.length);
    const sums = this.#sumSubtrees();
    let size = this.#count;
    for (let node = 0; node < this.#count; node++) size += this.#tailSizes[node]!;
    const nameIds = new Uint32Array(size);
    const depths = new Uint32Array(size);
    const subtreeEnds = new Uint32Array(size);
    const selfs = new Float64Array(size);
    const totals = new Float64Array(size);
    const places = new Uint32Array(this.#count);
    let placed = 0;
    let depth = 0;
    let node = ROOT;
    for (;;) {
      nameIds[placed] = node === ROOT ? rootRank : ranks[this.#nameIds[node]!]!;
      depths[placed] = depth;
      selfs[placed] = this.#selfs.value(node);
      totals[placed] = sums.value(node);
      places[node] = placed++;
      if (first[node] !== 0) {
        node = first[node]!;
        depth++;
        continue;
      }
      const tailSize = this.#tailSizes[node]!;
      if (tailSize > 0) {
        const start = this.#tailStarts[node]!;
        const weight = this.#tailWeights.value(node);
        totals.fill(weight, placed, placed + tailSize);
        subtreeEnds.fill(placed + tailSize, placed, placed + tailSize);
        for (let at = 0; at < tailSize; at++) {
          nameIds[placed] = ranks[this.#pool[start + at]!]!;
          depths[placed++] = depth + 1 + at;
        }
        selfs[placed - 1] = weight;
      }
      while (node !== ROOT && next[node] === 0) {
        subtreeEnds[places[node]!] = placed;
        node = this.#parents[node]!;
        depth--;
      }
      subtreeEnds[places[node]!] = placed;
      if (node === ROOT) break;
      node = next[node]!;
    }
    return { names: sorted, nameIds, totals, selfs, depths, subtreeEnds };
  }

  #note(nameId: number, node: number): void {
    this.#lastIds[this.#lastDepth] = nameId;
    this.#lastNodes[this.#lastDepth++] = node;
  }

  #sharedTail(node: number, path: ArrayLike<number>, depth: number, size: number): number {
    const start = this.#tailStarts[node]!;
    const most = Math.min(this.#tailSizes[node]!, size - depth);
    let shared = 0;
    while (shared < most && this.#pool[start + shared] === path[depth + shared]) shared++;
    return shared;
  }

  /** Makes the first frame of the tail a node, which takes over the rest of the tail. */
  #dissolveTail(node: number): void {
    const start = this.#tailStarts[node]!;
    const size = this.#tailSizes[node]!;
    this.#tailSizes[node] = 0;
    const child = this.#insert(node, this.#pool[start]!);
    if (size === 1) {
      this.#selfs.addSum(child, this.#tailWeights, node);
      return;
    }
    this.#tailStarts[child] = start + 1;
    this.#tailSizes[child] = size - 1;
    this.#tailWeights.addSum(child, this.#tailWeights, node);
  }

  #setTail(node: number, path: ArrayLike<number>, from: number, to: number, weight: number): void {
    if (from === to) {
      this.#selfs.add(node, weight);
      return;
    }
    this.#pool = growTyped(this.#pool, this.#pooled + to - from);
    this.#tailStarts[node] = this.#pooled;
    this.#tailSizes[node] = to - from;
    this.#tailWeights.add(node, weight);
    for (let depth = from; depth < to; depth++) this.#pool[this.#pooled++] = path[depth]!;
  }

  #find(parent: number, nameId: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hashOf(parent, nameId) << 2) & mask;
    for (; slots[slot + 2] !== 0; slot = (slot + 4) & mask) {
      if (slots[slot] === parent && slots[slot + 1] === nameId) return slots[slot + 2]!;
    }
    return -1;
  }

  #insert(parent: number, nameId: number): number {
    const node = this.#count++;
    if (node === this.#parents.length) this.#grow();
    this.#parents[node] = parent;
    this.#nameIds[node] = nameId;
    this.#fillSlot(node);
    if (this.#count * 8 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let old = 1; old < this.#count; old++) this.#fillSlot(old);
    }
    return node;
  }

  #fillSlot(node: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const parent = this.#parents[node]!;
    const nameId = this.#nameIds[node]!;
    let slot = (hashOf(parent, nameId) << 2) & mask;
    while (slots[slot + 2] !== 0) slot = (slot + 4) & mask;
    slots[slot] = parent;
    slots[slot + 1] = nameId;
    slots[slot + 2] = node;
  }

  #grow(): void {
    const needed = this.#parents.length * 2;
    this.#parents = growTyped(this.#parents, needed);
    this.#nameIds = growTyped(this.#nameIds, needed);
    this.#tailStarts = growTyped(this.#tailStarts, needed);
    this.#tailSizes = growTyped(this.#tailSizes, needed);
    this.#selfs.grow(needed);
    this.#tailWeights.grow(needed);
  }

  #sumSubtrees(): ExactSums {
    const sums = this.#selfs.slice(this.#count);
    // A child is always made after its parent, so that going down the numbers finishes each subtree first.
    for (let node = this.#count - 1; node >= ROOT; node--) {
      if (this.#tailSizes[node]! > 0) sums.addSum(node, this.#tailWeights, node);
      if (node > ROOT) sums.addSum(this.#parents[node]!, sums, node);
    }
    return sums;
  }

  #linkChildren(ranks: Int32Array, nameCount: number): { first: Int32Array; next: Int32Array } {
    // Nodes are dealt out by rank, then put before their siblings from the highest rank down: no comparison sort.
    const firstOfRank = new Int32Array(nameCount);
    const nextOfRank = new Int32Array(this.#count);
    for (let node = 1; node < this.#count; node++) {
      const rank = ranks[this.#nameIds[node]!]!;
      nextOfRank[node] = firstOfRank[rank]!;
      firstOfRank[rank] = node;
    }
    const first = new Int32Array(this.#count);
    const next = new Int32Array(this.#count);
    for (let rank = nameCount - 1; rank >= 0; rank--) {
      for (let node = firstOfRank[rank]!; node !== 0; node = nextOfRank[node]!) {
        const parent = this.#parents[node]!;
        next[node] = first[parent]!;
        first[parent] = node;
      }
    }
    return { first, next };
  }

  #rankNames(names: readonly string[]): Ranks {
    const used = new Uint8Array(names.length);
    for (let node = 1; node < this.#count; node++) used[this.#nameIds[node]!] = 1;
    // Ids whose tail has dissolved are in nodes as well, so that the whole pool counts.
    for (let index = 0; index < this.#pooled; index++) used[this.#pool[index]!] = 1;
    const ids: number[] = [];
    for (let id = 0; id < names.length; id++) if (used[id] === 1) ids.push(id);
    const sorted = [...new Set([ROOT_NAME, ...ids.map((id) => names[id]!)])].sort();
    const rankOf = new Map(sorted.map((name, rank) => [name, rank]));
    const ranks = new Int32Array(names.length);
    for (const id of ids) ranks[id] = rankOf.get(names[id]!)!;
    return { sorted, ranks, rootRank: rankOf.get(ROOT_NAME)! };
  }
}

interface Ranks {
  /** The names in use, the root's among them, in ascending order. */
  readonly sorted: readonly string[];
  /** From name id to place in `sorted`. */
  readonly ranks: Int32Array;
  readonly rootRank: number;
}

function hashOf(parent: number, nameId: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(nameId, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
