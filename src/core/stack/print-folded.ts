import { printable } from '../base/printable.ts';
import { type FrameTree, nameOf, pathTo } from './frame-tree.ts';

/**
 * Prints a tree as folded stacks, a line each, in chunks: the inverse of `parseFolded`. Control characters in a name
 * are printed as escapes, since a line break would part the line; a `;` becomes `:`. Given a node, prints only the
 * stacks that go through it.
 */
export function* printFolded(tree: FrameTree, from = 0): Generator<string> {
  const prefixes = [''];
  const enter = (node: number) => {
    const name = printable(nameOf(tree, node)).replaceAll(';', ':');
    const depth = tree.depths[node]!;
    prefixes[depth] = depth === 1 ? startOfLine(name) : `${prefixes[depth - 1]};${name}`;
  };
  for (const ancestor of pathTo(tree, from)) enter(ancestor);
  let text = '';
  for (let node = from; node < tree.subtreeEnds[from]!; node++) {
    const depth = tree.depths[node]!;
    if (depth > 0) enter(node);
    const isLeaf = tree.subtreeEnds[node] === node + 1 && depth > 0;
    if (tree.selfs[node] !== 0 || isLeaf) text += `${prefixes[depth]} ${tree.selfs[node]}\n`;
    if (text.length > 1 << 16) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

/** A line that starts with `#` is a comment; an empty first frame, which readers leave out, keeps it from being one. */
export function startOfLine(name: string): string {
  return name.startsWith('#') ? `;${name}` : name;
}
