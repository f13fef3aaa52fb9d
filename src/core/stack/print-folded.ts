import { printable } from '../base/printable.ts';
import type { FrameTree } from './frame-tree.ts';

/**
 * Prints a tree as folded stacks, a line each, in chunks: the inverse of `parseFolded`. Control characters in a name
 * are printed as escapes, since a line break would part the line; a `;` becomes `:`.
 */
export function* printFolded(tree: FrameTree): Generator<string> {
  const names = tree.names.map((name) => printable(name).replaceAll(';', ':'));
  const prefixes = [''];
  let text = '';
  for (let node = 0; node < tree.nameIds.length; node++) {
    const depth = tree.depths[node]!;
    const name = names[tree.nameIds[node]!]!;
    if (depth === 1) prefixes[1] = startOf(name);
    if (depth > 1) prefixes[depth] = `${prefixes[depth - 1]};${name}`;
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
function startOf(name: string): string {
  return name.startsWith('#') ? `;${name}` : name;
}
