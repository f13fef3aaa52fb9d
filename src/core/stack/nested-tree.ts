import { type FrameTree, nameOf } from './frame-tree.ts';

/** The shape that d3-flame-graph reads: `value` is inclusive, a leaf has no `children`, the root always has. */
export interface NestedTree {
  name: string;
  value: number;
  children?: NestedTree[];
}

/** Turns a tree into nested objects. At great depths JSON.stringify overflows on them: `printNestedTree` does not. */
export function toNestedTree(tree: FrameTree): NestedTree {
  const path: NestedTree[] = [];
  for (let node = 0; node < tree.nameIds.length; node++) {
    const depth = tree.depths[node]!;
    const nested: NestedTree = { name: nameOf(tree, node), value: tree.totals[node]! };
    if (depth === 0) nested.children = [];
    path[depth] = nested;
    if (depth === 0) continue;
    const parent = path[depth - 1]!;
    parent.children ??= [];
    parent.children.push(nested);
  }
  return path[0]!;
}

/** Prints the JSON of `toNestedTree` in chunks, at any depth and size. */
export function* printNestedTree(tree: FrameTree): Generator<string> {
  const names = tree.names.map((name) => JSON.stringify(name));
  const count = tree.nameIds.length;
  let text = '';
  for (let node = 0; node < count; node++) {
    const depth = tree.depths[node]!;
    text += `{"name":${names[tree.nameIds[node]!]},"value":${tree.totals[node]}`;
    const nextDepth = node + 1 < count ? tree.depths[node + 1]! : 0;
    if (nextDepth > depth) {
      text += ',"children":[';
    } else {
      text += depth === 0 ? ',"children":[]}' : '}';
      // The frames whose last child this was end with it.
      for (let ending = depth; ending > nextDepth; ending--) text += ']}';
      if (node + 1 < count) text += ',';
    }
    if (text.length > 1 << 16) {
      yield text;
      text = '';
    }
  }
  yield text;
}
