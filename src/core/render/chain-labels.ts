import { printable } from '../base/printable.ts';
import { wakerSeparator } from '../base/waker-separator.ts';
import { countBeforeScheduler, countWakeUp } from '../stack/before-scheduler.ts';
import { type FrameTree, nameOf } from '../stack/frame-tree.ts';

/** By tree, which nodes are of a waker's stack; nothing where there is none. */
const wakersOf = new WeakMap<FrameTree, Uint8Array | null>();

/**
 * Names what is drawn as one frame, a chain of calls from `first` to `last`: by the last frame before those of the scheduler,
 * by the first that says what is done in a waker's stack, which is leaf first, and by both where the two meet. The fullest names come first.
 */
export function chainLabels(tree: FrameTree, first: number, last: number): readonly string[] {
  const name = (node: number) => printable(nameOf(tree, node));
  // Each frame of a chain comes right behind its caller.
  if (findWakers(tree)?.[first] === 1) return [name(firstTelling(tree, first, last))];
  let separator = first;
  while (separator <= last && nameOf(tree, separator) !== wakerSeparator) separator++;
  const end = Math.min(last, separator - 1);
  const telling = end < first ? first : lastTelling(tree, first, end);
  if (separator < last) {
    const waker = name(firstTelling(tree, separator + 1, last));
    return [`${name(telling)} … ${wakerSeparator} … ${waker}`, name(telling)];
  }
  return telling === first ? [name(first)] : [`${name(first)}… > ${name(telling)}`, name(telling)];
}

/** Finds the last frame of a chain before those of the scheduler, or the last where there is no other. */
function lastTelling(tree: FrameTree, first: number, last: number): number {
  return first + countBeforeScheduler(namesOf(tree, first, last)) - 1;
}

/** Finds the first frame of a waker's chain that says what it did. */
function firstTelling(tree: FrameTree, first: number, last: number): number {
  return first + countWakeUp(namesOf(tree, first, last));
}

function namesOf(tree: FrameTree, first: number, last: number): readonly string[] {
  return Array.from({ length: last + 1 - first }, (_, index) => nameOf(tree, first + index));
}

function findWakers(tree: FrameTree): Uint8Array | null {
  const known = wakersOf.get(tree);
  if (known !== undefined) return known;
  const separator = tree.names.indexOf(wakerSeparator);
  const wakers = separator < 0 ? null : markBelow(tree, separator);
  wakersOf.set(tree, wakers);
  return wakers;
}

/** Marks the nodes that are below one of a name. */
function markBelow({ nameIds, subtreeEnds }: FrameTree, nameId: number): Uint8Array {
  const marks = new Uint8Array(nameIds.length);
  let end = 0;
  for (let node = 0; node < nameIds.length; node++) {
    if (node < end) marks[node] = 1;
    else if (nameIds[node] === nameId) end = subtreeEnds[node]!;
  }
  return marks;
}
