import type { ComparedRuns } from './compare-runs.ts';

/** By what runs were made comparable; `amounts` were given by the user. */
export type NormalizationBasis = 'none' | 'total' | 'count' | 'time' | 'amounts';

const words: Readonly<Record<NormalizationBasis, string>> = {
  none: 'not normalised',
  total: 'normalised by total',
  count: 'normalised by number of events',
  time: 'normalised by time',
  amounts: 'normalised by given amounts',
};

/** Says how the sides were made comparable. */
export function describeNormalization(
  basis: NormalizationBasis,
  { beforeRuns, afterRuns, beforeScale }: Pick<ComparedRuns, 'beforeRuns' | 'afterRuns' | 'beforeScale'>,
): string {
  if (basis === 'none') return words.none;
  if (beforeRuns.length > 1 || afterRuns.length > 1) return `${words[basis]}, run by run`;
  return `${words[basis]}: before × ${Number(beforeScale.toPrecision(4))}`;
}
