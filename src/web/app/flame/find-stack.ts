import { childNamed, type FrameTree, nameOf, pathTo } from '../../../core/stack/frame-tree.ts';

/** Prints the folded stack of a node, root first; empty for the root. */
export function printStack(tree: FrameTree, node: number): string {
  return pathTo(tree, node)
    .map((at) => nameOf(tree, at))
    .join(';');
}

/** Finds the node of a folded stack; -1 where the tree has none. */
export function findStack(tree: FrameTree, stack: string): number {
  let node = 0;
  for (const name of stack.split(';')) {
    if (name === '') continue;
    node = childNamed(tree, node, name);
    if (node < 0) return -1;
  }
  return node;
}
