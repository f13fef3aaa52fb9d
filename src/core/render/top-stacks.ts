import type { FrameTree } from '../stack/frame-tree.ts';

/** Lists the nodes in which the most weight ends, heaviest first: at most `count`, none without weight. */
export function topStacks(tree: FrameTree, count: number): number[] {
  const top: number[] = [];
  for (let node = 0; node < tree.selfs.length; node++) {
    const weight = tree.selfs[node]!;
    if (weight <= 0 || (top.length === count && weight <= tree.selfs[top.at(-1)!]!)) continue;
    let place = top.length;
    while (place > 0 && tree.selfs[top[place - 1]!]! < weight) place--;
    top.splice(place, 0, node);
    if (top.length > count) top.pop();
  }
  return top;
}
