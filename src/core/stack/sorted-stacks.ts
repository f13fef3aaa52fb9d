import { ExactSums } from './exact-sums.ts';
import { type FrameTree, ROOT_NAME } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';

/** A double counts whole numbers up to that many bits. */
const KEY_BITS = 52;

/**
 * Collects stacks of name ids and lays them out as a tree, all at once: sorted by their names they come in the order of
 * the tree's nodes, and what a stack shares with the one before it is there already. No table of nodes is needed, which
 * for large trees lies in main memory and is waited for at every frame.
 */
export class SortedStacks {
  #count = 0;
  /** The ids of all stacks, one behind the other, and where each stack starts; one entry more than there are stacks. */
  #pool = new Uint32Array(1 << 18);
  #starts = new Uint32Array(1 << 14);
  #weights = new Float64Array(1 << 14);
  /** How many frames at least each stack shares with the one that was added before it. */
  #shared = new Uint32Array(1 << 14);

  /**
   * Adds a stack whose frames are the first `size` ids of `path`, root first. It is known to share the first `shared`
   * frames with the stack added before.
   */
  add(path: Uint32Array, size: number, weight: number, shared: number): void {
    const stack = this.#count;
    const start = this.#starts[stack]!;
    this.#pool = growTyped(this.#pool, start + size);
    for (let index = 0; index < size; index++) this.#pool[start + index] = path[index]!;
    this.#starts = growTyped(this.#starts, stack + 2);
    this.#weights = growTyped(this.#weights, stack + 1);
    this.#shared = growTyped(this.#shared, stack + 1);
    this.#weights[stack] = weight;
    this.#shared[stack] = shared;
    this.#starts[stack + 1] = start + size;
    this.#count = stack + 1;
  }

  /** Makes the tree, which ends the collecting. `names` is indexed by the ids that were given; all of them were. */
  finish(names: readonly string[]): FrameTree {
    const sorted = [...new Set([ROOT_NAME, ...names])].sort();
    const rankOf = new Map(sorted.map((name, rank) => [name, rank]));
    const ranks = Uint32Array.from(names, (name) => rankOf.get(name)!);
    return this.#layOut(this.#sort(ranks), sorted, ranks, rankOf.get(ROOT_NAME)!);
  }

  /** Sorts the stacks by the ranks of their names; a stack comes before those that go on from it. */
  #sort(ranks: Uint32Array): Uint32Array {
    const { values, frames } = this.#makeKeys(ranks);
    const [pool, starts, shared] = [this.#pool, this.#starts, this.#shared];
    const order: number[] = [];
    for (let stack = 0; stack < this.#count; stack++) order.push(stack);
    // An array sorts what is nearly sorted in nearly no time, as most files of stacks are; a typed array does not.
    order.sort((a, b) => {
      let index = a - b === 1 ? shared[a]! : b - a === 1 ? shared[b]! : 0;
      if (index === 0) {
        const difference = values[a]! - values[b]!;
        if (difference !== 0) return difference;
        index = frames;
      }
      const startA = starts[a]!;
      const startB = starts[b]!;
      const sizeA = starts[a + 1]! - startA;
      const sizeB = starts[b + 1]! - startB;
      const most = sizeA < sizeB ? sizeA : sizeB;
      while (index < most && pool[startA + index] === pool[startB + index]) index++;
      return index < most ? ranks[pool[startA + index]!]! - ranks[pool[startB + index]!]! : sizeA - sizeB;
    });
    return Uint32Array.from(order);
  }

  /** Packs the first frames of each stack into a number that sorts as they do: most comparisons need no more. */
  #makeKeys(ranks: Uint32Array): { readonly values: Float64Array; readonly frames: number } {
    // One for the root's name, which need not be among them, and one for where a stack has ended.
    const base = ranks.length + 2;
    const frames = Math.max(1, Math.floor(KEY_BITS / Math.ceil(Math.log2(base))));
    const values = new Float64Array(this.#count);
    for (let stack = 0; stack < this.#count; stack++) {
      const start = this.#starts[stack]!;
      const size = this.#starts[stack + 1]! - start;
      let key = 0;
      for (let index = 0; index < frames; index++)
        key = key * base + (index < size ? ranks[this.#pool[start + index]!]! + 1 : 0);
      values[stack] = key;
    }
    return { values, frames };
  }

  #layOut(order: Uint32Array, names: readonly string[], ranks: Uint32Array, rootRank: number): FrameTree {
    const shared = this.#sharedDepths(order);
    const [pool, starts, weights] = [this.#pool, this.#starts, this.#weights];
    let nodeCount = 1;
    let deepest = 0;
    for (let place = 0; place < order.length; place++) {
      const stack = order[place]!;
      const size = starts[stack + 1]! - starts[stack]!;
      nodeCount += size - shared[place]!;
      deepest = Math.max(deepest, size);
    }
    const nameIds = new Uint32Array(nodeCount);
    const depths = new Uint32Array(nodeCount);
    const subtreeEnds = new Uint32Array(nodeCount);
    const selfs = new Float64Array(nodeCount);
    const totals = new Float64Array(nodeCount);
    /** The node that is open at each depth, and what has been summed up in it so far. */
    const open = new Uint32Array(deepest + 1);
    const selfSums = new ExactSums(deepest + 1);
    const totalSums = new ExactSums(deepest + 1);
    let depth = 0;
    let placed = 1;
    nameIds[0] = rootRank;
    for (let place = 0; place <= order.length; place++) {
      // What the next stack does not go on with is done; behind the last one that is the root as well.
      const common = place < order.length ? shared[place]! : -1;
      while (depth > common) {
        const node = open[depth]!;
        subtreeEnds[node] = placed;
        totalSums.addSum(depth, selfSums, depth);
        selfs[node] = selfSums.value(depth);
        totals[node] = totalSums.value(depth);
        depth--;
        if (depth >= 0) totalSums.addSum(depth, totalSums, depth + 1);
      }
      if (place === order.length) break;
      const stack = order[place]!;
      const start = starts[stack]!;
      const size = starts[stack + 1]! - start;
      while (depth < size) {
        nameIds[placed] = ranks[pool[start + depth]!]!;
        open[++depth] = placed;
        depths[placed++] = depth;
        selfSums.clear(depth);
        totalSums.clear(depth);
      }
      selfSums.add(depth, weights[stack]!);
    }
    return { names, nameIds, totals, selfs, depths, subtreeEnds };
  }

  /** Counts for each stack in order how many frames it shares with the one before it. */
  #sharedDepths(order: Uint32Array): Uint32Array {
    const [pool, starts, known] = [this.#pool, this.#starts, this.#shared];
    const shared = new Uint32Array(order.length);
    for (let place = 1; place < order.length; place++) {
      const last = order[place - 1]!;
      const stack = order[place]!;
      const from = starts[last]!;
      const start = starts[stack]!;
      const most = Math.min(starts[last + 1]! - from, starts[stack + 1]! - start);
      let depth = stack - last === 1 ? known[stack]! : 0;
      while (depth < most && pool[from + depth] === pool[start + depth]) depth++;
      shared[place] = depth;
    }
    return shared;
  }
}
