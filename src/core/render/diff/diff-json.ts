import type { ComparedRuns } from '../../compare/compare-runs.ts';
import { type Change, listChanges } from '../../compare/list-changes.ts';
import { nameOf, namesTo } from '../../stack/frame-tree.ts';
import type { DiffOptions } from './diff-options.ts';

/**
 * Prints what changed as JSON: `{unit, normalization, beforeScale, before: {name, runs, total}, after, test: {difference,
 * p, low, high} | null, changes: [{stack | frame, before, after, delta, relative, kind, p, adjustedP}]}`, weights in
 * `unit`, `relative` null where there was nothing before.
 */
export function* renderDiffJson(compared: ComparedRuns, options: DiffOptions): Generator<string> {
  const { diff, beforeRuns, afterRuns } = compared;
  const per = options.per ?? 'stack';
  const head = JSON.stringify({
    unit: options.unit,
    normalization: options.normalization ?? null,
    beforeScale: compared.beforeScale,
    lost: options.lost ?? 0,
    before: { name: options.beforeName ?? null, runs: beforeRuns.length, total: diff.beforeTotals[0]! },
    after: { name: options.afterName ?? null, runs: afterRuns.length, total: diff.afterTotals[0]! },
    test: compared.test ?? null,
  });
  yield `${head.slice(0, -1)},"changes":[`;
  const changes = listChanges(compared, per).slice(0, options.limit);
  for (const [index, { node, ...change }] of changes.entries()) {
    const name =
      per === 'stack' ? { stack: namesTo(diff.tree, node).join(';') } : { frame: nameOf(diff.tree, node) };
    const entry = { ...name, ...change, relative: change.relative ?? null } satisfies Omit<
      Change,
      'node' | 'relative'
    > & { readonly relative: number | null };
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(entry)}`;
  }
  yield ']}\n';
}
