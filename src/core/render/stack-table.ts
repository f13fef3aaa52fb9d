import { type FrameTree, namesTo } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { stackLabel } from './stack-label.ts';
import { truncateCells } from './text-cells.ts';

/** Prints stacks as lines of a table: what ends in the node, its share of the whole, and the way to it. */
export function stackTable(
  tree: FrameTree,
  nodes: readonly number[],
  unit: WeightUnit,
  width: number,
): string[] {
  const weights = nodes.map((node) => formatWeight(tree.selfs[node]!, unit));
  const shares = nodes.map((node) => formatShare(tree.selfs[node]!, tree.totals[0]!));
  const weightCells = Math.max(...weights.map((text) => text.length));
  const shareCells = Math.max(...shares.map((text) => text.length));
  return nodes.map((node, index) => {
    const facts = `${weights[index]!.padStart(weightCells)} ${shares[index]!.padStart(shareCells)} `;
    return truncateCells(facts + stackLabel(namesTo(tree, node), width - facts.length), width);
  });
}
