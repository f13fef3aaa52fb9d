import { type DiffTree, nodeDelta } from '../stack/diff-trees.ts';
import { type FrameTree, nameOf, parentOf } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { frameKinds, kindOf } from './palette.ts';

/** Says in words what a frame weighs: in all, on its own, and as part of the total, its caller and the zoomed frame. */
export function describeFrame(tree: FrameTree, node: number, zoom: number, unit: WeightUnit): string {
  const total = tree.totals[node]!;
  const parts = [formatWeight(total, unit)];
  const own = tree.selfs[node]!;
  if (own !== 0 && own !== total) parts.push(`own ${formatWeight(own, unit)}`);
  parts.push(`${formatShare(total, tree.totals[0]!)} of total`);
  const parent = parentOf(tree, node);
  if (parent > 0) parts.push(`${formatShare(total, tree.totals[parent]!)} of caller`);
  if (zoom > 0 && zoom < node) parts.push(`${formatShare(total, tree.totals[zoom]!)} of zoom`);
  const { meaning } = frameKinds[kindOf(nameOf(tree, node))];
  if (meaning !== '') parts.push(meaning);
  return parts.join(' · ');
}

/** Says in words how a frame changed: both weights, the change of all below it and of the frame alone. */
export function describeDelta(diff: DiffTree, node: number, unit: WeightUnit): string {
  const before = diff.beforeTotals[node]!;
  const after = diff.afterTotals[node]!;
  const { total, self, kind } = nodeDelta(diff, node);
  const parts = [`${formatWeight(before, unit)} → ${formatWeight(after, unit)}`, signed(total, unit)];
  if (kind !== 'both') parts.push(kind === 'new' ? 'new' : 'gone');
  else if (total !== 0)
    parts.push(`${total < 0 ? '-' : '+'}${formatShare(Math.abs(total), before)} of before`);
  if (self !== 0 && self !== total) parts.push(`own ${signed(self, unit)}`);
  parts.push(
    `${formatShare(before, diff.beforeTotals[0]!)} → ${formatShare(after, diff.afterTotals[0]!)} of total`,
  );
  return parts.join(' · ');
}

function signed(weight: number, unit: WeightUnit): string {
  return `${weight < 0 ? '-' : '+'}${formatWeight(Math.abs(weight), unit)}`;
}
