import { type FrameTree, ROOT_NAME } from '../stack/frame-tree.ts';
import { growTyped } from '../stack/grow-typed.ts';
import { treeOfPreorder } from '../stack/tree-of-preorder.ts';
import { DIGITS, TEXT_END, type TreeData } from './tree-data.ts';

const digitValues = new Uint8Array(128);
for (let value = 0; value < DIGITS.length; value++) digitValues[DIGITS.charCodeAt(value)] = value;

/** Reads a tree back from its data. */
export function decodeTree({ names, nodes }: TreeData): FrameTree {
  const sorted = [...names].sort();
  const rankOf = new Map(sorted.map((name, rank) => [name, rank]));
  const ranks = Uint32Array.from(names, (name) => rankOf.get(name)!);
  let at = 0;
  const take = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const digit = digitValues[nodes.charCodeAt(at++)]!;
      value += (digit & 31) * scale;
      if (digit < 32) return value;
      scale *= 32;
    }
  };
  const takeWeight = (): number => {
    const value = take();
    if (value % 2 === 0) return value / 2;
    const end = nodes.indexOf(TEXT_END, at);
    const weight = Number(nodes.slice(at, end));
    at = end + 1;
    return weight;
  };
  let nameIds = new Uint32Array(1 << 12);
  let depths = new Uint32Array(1 << 12);
  let selfs = new Float64Array(1 << 12);
  nameIds[0] = rankOf.get(ROOT_NAME)!;
  selfs[0] = takeWeight();
  let count = 1;
  let depth = 1;
  while (at < nodes.length) {
    if (count === nameIds.length) {
      nameIds = growTyped(nameIds, count * 2);
      depths = growTyped(depths, count * 2);
      selfs = growTyped(selfs, count * 2);
    }
    const head = take();
    const flags = head % 4;
    nameIds[count] = ranks[(head - flags) / 4]!;
    depths[count] = depth++;
    if (flags >= 2) depth -= take();
    if (flags % 2 === 1) selfs[count] = takeWeight();
    count++;
  }
  return treeOfPreorder(sorted, nameIds.slice(0, count), depths.slice(0, count), selfs.slice(0, count));
}
