import type { ComparedRuns } from '../../compare/compare-runs.ts';
import type { WelchTest } from '../../compare/welch-test.ts';
import { nodeDelta } from '../../stack/diff-trees.ts';
import type { WeightUnit } from '../../stack/weight-unit.ts';
import { formatShare, formatWeight } from '../format-weight.ts';
import { lostNote } from '../lost-note.ts';
import type { DiffOptions } from './diff-options.ts';

/** Says in words what is compared, how the totals changed, how sure that is, and how the sides were made comparable. */
export function describeComparison(compared: ComparedRuns, options: DiffOptions): string[] {
  const { beforeName, afterName, normalization, subtitle } = options;
  return [
    ...(subtitle === undefined ? [] : [subtitle]),
    ...(beforeName === undefined || afterName === undefined
      ? []
      : [`before: ${beforeName} · after: ${afterName}`]),
    [
      changeNote(compared, options.unit),
      ...runsNote(compared, options.unit),
      ...(normalization === undefined ? [] : [normalization]),
      ...lostNote(options),
    ].join(' · '),
  ];
}

/** Says how the totals changed. */
export function changeNote({ diff }: ComparedRuns, unit: WeightUnit): string {
  const before = diff.beforeTotals[0]!;
  const { total } = nodeDelta(diff, 0);
  const weights = `${formatWeight(before, unit)} → ${formatWeight(diff.afterTotals[0]!, unit)}`;
  return total === 0 ? `${weights} (no change)` : `${weights} (${signedChange(total, before, unit)})`;
}

/** Prints a change with its sign, and as a share of what there was before, if there was anything. */
export function signedChange(delta: number, before: number, unit: WeightUnit): string {
  const sign = delta < 0 ? '-' : '+';
  const size = `${sign}${formatWeight(Math.abs(delta), unit)}`;
  return before === 0 ? size : `${size}, ${formatRelative(delta / before)}`;
}

/** Prints a change as a part of what there was: `+12.5%`, `-3%`; from ten times on as a multiple, `×26.7`. */
export function formatRelative(relative: number): string {
  if (relative >= 9) return `×${Number((relative + 1).toPrecision(3))}`;
  return `${relative < 0 ? '-' : '+'}${formatShare(Math.abs(relative), 1)}`;
}

/** Prints a p-value with two digits; `<0.001` where it is less. */
export function formatP(p: number): string {
  return p < 0.001 ? '<0.001' : String(Number(p.toPrecision(2)));
}

/** Says how many runs there were, and between what the change of their total lies. */
function runsNote({ beforeRuns, afterRuns, test }: ComparedRuns, unit: WeightUnit): string[] {
  if (beforeRuns.length === 1 && afterRuns.length === 1) return [];
  const runs = `means of ${beforeRuns.length} → ${afterRuns.length} runs`;
  // Totals that were made equal say nothing.
  return test === undefined || test.p === 1 ? [runs] : [runs, intervalNote(test, unit)];
}

function intervalNote({ low, high, p }: WelchTest, unit: WeightUnit): string {
  const [from, to] = [low, high].map((end) => `${end < 0 ? '-' : '+'}${formatWeight(Math.abs(end), unit)}`);
  return `95% interval ${from} to ${to}, p ${formatP(p)}`;
}
