import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { FrameTree } from './frame-tree.ts';
import { growTyped } from './grow-typed.ts';
import type { NestedTree } from './nested-tree.ts';

/**
 * Reads nested objects, such as the parsed answer to a flame graph query, into a tree: the opposite of `toNestedTree`.
 * Works at any depth; children may come in any order, siblings have different names. Throws `bad_input` for anything else.
 */
export function fromNestedTree(root: unknown): FrameTree {
  const idOf = new Map<string, number>();
  let nameIds = new Uint32Array(1 << 10);
  let depths = new Uint32Array(1 << 10);
  let totals = new Float64Array(1 << 10);
  let count = 0;
  const waiting: NestedTree[] = [checkNode(root)];
  const waitingDepths = [0];
  while (waiting.length > 0) {
    const { name, value, children } = waiting.pop()!;
    const depth = waitingDepths.pop()!;
    if (count === totals.length) {
      nameIds = growTyped(nameIds, count + 1);
      depths = growTyped(depths, count + 1);
      totals = growTyped(totals, count + 1);
    }
    let id = idOf.get(name);
    if (id === undefined) {
      id = idOf.size;
      idOf.set(name, id);
    }
    nameIds[count] = id;
    depths[count] = depth;
    totals[count++] = value;
    if (children === undefined) continue;
    for (const child of lastFirst(children)) {
      waiting.push(child);
      waitingDepths.push(depth + 1);
    }
  }
  const names = [...idOf.keys()].sort();
  const rankOf = new Uint32Array(names.length);
  names.forEach((name, rank) => {
    rankOf[idOf.get(name)!] = rank;
  });
  depths = depths.slice(0, count);
  totals = totals.slice(0, count);
  nameIds = nameIds.slice(0, count).map((id) => rankOf[id]!);
  return { names, nameIds, totals, depths, ...measureSubtrees(depths, totals) };
}

/** Finds where each subtree ends, and what its children leave of each node's total. */
function measureSubtrees(
  depths: Uint32Array,
  totals: Float64Array,
): Pick<FrameTree, 'selfs' | 'subtreeEnds'> {
  const selfs = totals.slice();
  const subtreeEnds = new Uint32Array(totals.length);
  /** The node that the walk is in at each depth. */
  const open: number[] = [];
  for (let node = 0; node < totals.length; node++) {
    const depth = depths[node]!;
    while (open.length > depth) subtreeEnds[open.pop()!] = node;
    if (depth > 0) selfs[open[depth - 1]!]! -= totals[node]!;
    open.push(node);
  }
  for (const node of open) subtreeEnds[node] = totals.length;
  for (let node = 0; node < totals.length; node++) {
    const total = Math.abs(totals[node]!);
    // Above 2^53 a total is rounded, and what the children leave of it may be nothing but that.
    if (total > Number.MAX_SAFE_INTEGER && Math.abs(selfs[node]!) < total * 1e-12) selfs[node] = 0;
  }
  return { selfs, subtreeEnds };
}

/** The children by name, from the last to the first. */
function lastFirst(children: readonly unknown[]): readonly NestedTree[] {
  if (children.length === 1) return [checkNode(children[0])];
  const checked = children.map(checkNode).reverse();
  for (let index = 1; index < checked.length; index++) {
    if (checked[index]!.name > checked[index - 1]!.name)
      return checked.sort((a, b) => (a.name > b.name ? -1 : 1));
  }
  return checked;
}

function checkNode(json: unknown): NestedTree {
  const node = json as NestedTree | null | undefined;
  const isNode =
    typeof node?.name === 'string' &&
    typeof node.value === 'number' &&
    (node.children === undefined || Array.isArray(node.children));
  if (isNode) return node;
  throw new KernelscopeError('bad_input', 'a flame graph is nested objects of name, value and children');
}
