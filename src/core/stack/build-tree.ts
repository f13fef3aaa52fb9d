import { FoldedStacks } from './folded-stacks.ts';
import type { FrameTree, WeightedStack } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import { NameTable } from './name-table.ts';
import { SortedStacks } from './sorted-stacks.ts';
import { type ViewedBytes, viewedBytes } from './viewed-bytes.ts';

const SEMICOLON = 0x3b;
const SEMICOLONS = 0x3b3b3b3b;
const HIGH_BITS = 0x80808080 | 0;

/**
 * Merges stacks into a tree: equal stacks are summed, children are sorted by name. An empty stack weighs on the root
 * itself, and empty frames (`a;;b`) are left out. Works at any depth; sums are exact to 2^53 and correctly rounded
 * doubles above.
 */
export function buildTree(stacks: Iterable<WeightedStack>): FrameTree {
  const merger = new StackMerger();
  if (stacks instanceof FoldedStacks) {
    stacks.visit((text, start, end, weight) => merger.add(text, start, end, weight));
    return merger.finish();
  }
  const encoder = new TextEncoder();
  // Two buffers in turn: the merger compares each stack with the one before it.
  let current = viewedBytes(1 << 12);
  let previous = viewedBytes(1 << 12);
  for (const { stack, weight } of stacks) {
    if (current.bytes.length < stack.length * 3) current = viewedBytes(stack.length * 4);
    merger.add(current, 0, encoder.encodeInto(stack, current.bytes).written, weight);
    [current, previous] = [previous, current];
  }
  return merger.finish();
}

/** Splits stacks in UTF-8 into frames for a tree; the frames shared with the stack before are not looked up again. */
class StackMerger {
  readonly #names = new NameTable();
  readonly #stacks = new SortedStacks();
  #last = viewedBytes(0);
  #lastStart = 0;
  #lastSize = 0;
  /** Where each frame of the last stack ended, relative to its start, and its name. */
  #ends = new Uint32Array(1 << 8);
  #path = new Uint32Array(1 << 8);
  #depth = 0;

  /** Adds a stack; its bytes must stay as they are until the next one is added. */
  add(text: ViewedBytes, start: number, end: number, weight: number): void {
    const { bytes, view } = text;
    const shared = this.#sharedDepth(text, start, end);
    let depth = shared;
    let frameStart = depth === 0 ? start : start + this.#ends[depth - 1]! + 1;
    // Past the end where the last frame is shared as well.
    while (frameStart <= end) {
      let at = frameStart;
      let hash = 0;
      for (; at + 4 <= end; at += 4) {
        const word = view.getInt32(at, true);
        // A byte that is zero in here is a semicolon: the usual test for one.
        const rest = word ^ SEMICOLONS;
        if (((rest - 0x01010101) & ~rest & HIGH_BITS) !== 0) break;
        hash = Math.imul(hash ^ word, 0x9e3779b1);
        hash ^= hash >>> 15;
      }
      for (; at < end && bytes[at] !== SEMICOLON; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
      if (at > frameStart) {
        if (depth === this.#ends.length) this.#growDepth();
        this.#path[depth] = this.#names.idOf(text, frameStart, at, hash);
        this.#ends[depth++] = at - start;
      }
      frameStart = at + 1;
    }
    this.#stacks.add(this.#path, depth, weight, shared);
    this.#last = text;
    this.#lastStart = start;
    this.#lastSize = end - start;
    this.#depth = depth;
  }

  finish(): FrameTree {
    return this.#stacks.finish(this.#names.names);
  }

  /** Counts the leading frames that the stack has in common with the last one. */
  #sharedDepth({ bytes, view }: ViewedBytes, start: number, end: number): number {
    const last = this.#last;
    const lastStart = this.#lastStart;
    const most = Math.min(end - start, this.#lastSize);
    let same = 0;
    while (
      same + 4 <= most &&
      view.getInt32(start + same, true) === last.view.getInt32(lastStart + same, true)
    )
      same += 4;
    while (same < most && bytes[start + same] === last.bytes[lastStart + same]) same++;
    let depth = 0;
    while (depth < this.#depth && this.#ends[depth]! <= same) depth++;
    // The last of them may go on in the new stack: `ab` after `a` shares the byte, not the frame.
    const goesOn = same < end - start && bytes[start + same] !== SEMICOLON;
    return depth > 0 && this.#ends[depth - 1] === same && goesOn ? depth - 1 : depth;
  }

  #growDepth(): void {
    this.#ends = growTyped(this.#ends, this.#ends.length * 2);
    this.#path = growTyped(this.#path, this.#path.length * 2);
  }
}
