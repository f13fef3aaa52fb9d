import { printable } from '../base/printable.ts';
import type { DiffTree } from './diff-trees.ts';
import { nameOf } from './frame-tree.ts';
import { startOfLine } from './print-folded.ts';

/**
 * Prints a difference as folded stacks with two weights, before and after, as Brendan Gregg's difffolded.pl does: a line
 * for each stack of either side, in chunks.
 */
export function* printDiffFolded(diff: DiffTree): Generator<string> {
  const { tree } = diff;
  const prefixes = [''];
  let text = '';
  for (let node = 0; node < tree.nameIds.length; node++) {
    const depth = tree.depths[node]!;
    if (depth > 0) {
      const name = printable(nameOf(tree, node)).replaceAll(';', ':');
      prefixes[depth] = depth === 1 ? startOfLine(name) : `${prefixes[depth - 1]};${name}`;
    }
    const [before, after] = [diff.beforeSelfs[node]!, diff.afterSelfs[node]!];
    if (before !== 0 || after !== 0) text += `${prefixes[depth]} ${plain(before)} ${plain(after)}\n`;
    if (text.length > 1 << 16) {
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

/** What reads such files knows no exponents, and what scaling has left behind the ninth decimal is no weight. */
function plain(weight: number): string {
  return Number.isInteger(weight) ? String(BigInt(weight)) : String(Number(weight.toFixed(9)));
}
