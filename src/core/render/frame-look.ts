import { type DiffTree, nodeDelta } from '../stack/diff-trees.ts';
import { type FrameTree, nameOf } from '../stack/frame-tree.ts';
import type { WeightUnit } from '../stack/weight-unit.ts';
import { formatShare, formatWeight } from './format-weight.ts';
import { DIFF_STEPS, kindOf, shadeOf } from './palette.ts';
import type { FrameLook } from './svg-frames.ts';
import { fillClass, stepClass } from './svg-style.ts';

/** Parts of the total from which a difference is one step stronger; from the last on it is as strong as it gets. */
export const STEP_SHARES = [0.001, 0.01, 0.03, 0.1] as const;

/** How the frames of one recording look: coloured and labelled by their names. */
export function plainLook(tree: FrameTree, unit: WeightUnit): FrameLook {
  // By name id, made as they are drawn: most names of a large tree are of frames too narrow to see.
  const classes = new Array<string | undefined>(tree.names.length);
  const classOf = (nameId: number) => {
    const name = tree.names[nameId]!;
    classes[nameId] ??= fillClass(kindOf(name), shadeOf(name));
    return classes[nameId];
  };
  const rootLabel = `${nameOf(tree, 0)}: ${formatWeight(tree.totals[0]!, unit)}`;
  return {
    classOf: (node) => (node === 0 ? fillClass('none', 0) : classOf(tree.nameIds[node]!)),
    labelOf: (node) => (node === 0 ? rootLabel : nameOf(tree, node)),
  };
}

/** How the frames of a comparison look: coloured by the change of the whole subtree, with its sign before the name. */
export function diffLook(diff: DiffTree): FrameLook {
  const whole = wholeOf(diff);
  return {
    classOf: (node) => stepClass(stepOf(nodeDelta(diff, node).total, whole)),
    labelOf: (node, room) => {
      const { total, kind } = nodeDelta(diff, node);
      const name = nameOf(diff.tree, node);
      if (total === 0) return name;
      const word = kind === 'new' ? 'new ' : kind === 'vanished' ? 'gone ' : '';
      const sign = total < 0 ? '-' : '+';
      const full = `${word}${sign}${formatShare(Math.abs(total), whole)} ${name}`;
      return full.length <= room ? full : `${word}${sign}${name}`;
    },
  };
}

/** What a difference is a share of: the larger of both totals. */
export function wholeOf(diff: DiffTree): number {
  return Math.max(diff.beforeTotals[0]!, diff.afterTotals[0]!);
}

/** In how many steps a difference is drawn, less than 0 for a lesser weight. */
export function stepOf(delta: number, whole: number): number {
  if (whole === 0) return 0;
  const size = Math.abs(delta) / whole;
  let steps = 0;
  while (steps < DIFF_STEPS && size >= STEP_SHARES[steps]!) steps++;
  return delta < 0 ? -steps : steps;
}
