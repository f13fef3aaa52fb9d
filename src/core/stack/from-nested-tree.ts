import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { FrameTree } from './frame-tree.ts';
import type { NestedTree } from './nested-tree.ts';

/**
 * Reads nested objects, such as the parsed answer to a flame graph query, into a tree: the opposite of `toNestedTree`.
 * Works at any depth; children may come in any order, siblings have different names. Throws `bad_input` for anything else.
 */
export function fromNestedTree(root: unknown): FrameTree {
  const { nested, depths } = listInPreorder(root);
  const count = nested.length;
  const names = [...new Set(nested.map((node) => node.name))].sort();
  const idOf = new Map(names.map((name, id) => [name, id]));
  const nameIds = Uint32Array.from(nested, (node) => idOf.get(node.name)!);
  const totals = Float64Array.from(nested, (node) => node.value);
  const selfs = totals.slice();
  const subtreeEnds = new Uint32Array(count);
  /** The node that the walk is in at each depth. */
  const open: number[] = [];
  for (let node = 0; node < count; node++) {
    const depth = depths[node]!;
    while (open.length > depth) subtreeEnds[open.pop()!] = node;
    if (depth > 0) selfs[open[depth - 1]!]! -= totals[node]!;
    open.push(node);
  }
  for (const node of open) subtreeEnds[node] = count;
  return { names, nameIds, totals, selfs: dropRoundingErrors(selfs, totals), depths, subtreeEnds };
}

function listInPreorder(root: unknown): { nested: NestedTree[]; depths: Uint32Array } {
  const nested: NestedTree[] = [];
  const depths: number[] = [];
  const waiting: NestedTree[] = [checkNode(root)];
  const waitingDepths = [0];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    const depth = waitingDepths.pop()!;
    nested.push(node);
    depths.push(depth);
    const children = sortedChildren(node);
    for (let index = children.length - 1; index >= 0; index--) {
      waiting.push(children[index]!);
      waitingDepths.push(depth + 1);
    }
  }
  return { nested, depths: Uint32Array.from(depths) };
}

function sortedChildren(node: NestedTree): readonly NestedTree[] {
  const children = (node.children ?? []).map(checkNode);
  for (let index = 1; index < children.length; index++) {
    if (children[index - 1]!.name < children[index]!.name) continue;
    return children.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
  return children;
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

/** Above 2^53 a total is rounded, and what its children leave of it may be nothing but that. */
function dropRoundingErrors(selfs: Float64Array, totals: Float64Array): Float64Array {
  return selfs.map((self, node) => {
    const total = Math.abs(totals[node]!);
    return total > Number.MAX_SAFE_INTEGER && Math.abs(self) < total * 1e-12 ? 0 : self;
  });
}
