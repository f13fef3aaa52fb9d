import type { FrameTree } from '../stack/frame-tree.ts';

/** Lists the nodes from `within` down in which the most weight ends, heaviest first: `count` at most, none without. */
export function topStacks(tree: FrameTree, count: number, within = 0): number[] {
  const top: number[] = [];
  for (let node = within; node < tree.subtreeEnds[within]!; node++) {
    const weight = tree.selfs[node]!;
    if (weight <= 0 || (top.length === count && weight <= tree.selfs[top.at(-1)!]!)) continue;
    let place = top.length;
    while (place > 0 && tree.selfs[top[place - 1]!]! < weight) place--;
    top.splice(place, 0, node);
    if (top.length > count) top.pop();
  }
  return top;
}
