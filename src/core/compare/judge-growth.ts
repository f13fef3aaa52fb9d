import type { Outcome } from './judge-limit.ts';
import type { Interval } from './mean-interval.ts';
import { type RunSummary, summarizeRuns } from './summarize-runs.ts';
import { welchTest } from './welch-test.ts';

/** By how much a value may grow: a part of what it was, or an amount in its own unit. */
export type GrowthLimit =
  | { readonly kind: 'relative'; readonly share: number }
  | { readonly kind: 'absolute'; readonly amount: number };

/** What became of a value since its base. */
export interface GrowthVerdict {
  readonly outcome: Outcome;
  /** Undefined without data on that side. */
  readonly base: RunSummary | undefined;
  readonly now: RunSummary | undefined;
  /** Of the mean; undefined without data. */
  readonly growth: number | undefined;
  /** Part of the base; undefined where that is 0. */
  readonly relative: number | undefined;
  /** Of the growth, by Welch; undefined under two runs on either side. */
  readonly interval: Interval | undefined;
}

/**
 * Judges how the values of runs have grown since those of base runs. From a base of 0 no growth is 0 per cent, and any
 * other is more than every share.
 */
export function judgeGrowth(
  baseValues: readonly number[],
  nowValues: readonly number[],
  limit: GrowthLimit,
  confidence = 0.95,
): GrowthVerdict {
  const base = baseValues.length === 0 ? undefined : summarizeRuns(baseValues);
  const now = nowValues.length === 0 ? undefined : summarizeRuns(nowValues);
  if (base === undefined || now === undefined) {
    return { outcome: 'no-data', base, now, growth: undefined, relative: undefined, interval: undefined };
  }
  const growth = now.mean - base.mean;
  const allowed = limit.kind === 'absolute' ? limit.amount : limit.share * Math.abs(base.mean);
  const test = welchTest(baseValues, nowValues, confidence);
  const interval = test && { low: test.low, high: test.high };
  const mayHold = interval !== undefined && interval.low <= allowed;
  return {
    outcome: growth <= allowed ? 'pass' : mayHold ? 'unclear' : 'fail',
    base,
    now,
    growth,
    relative: base.mean === 0 ? (growth === 0 ? 0 : undefined) : growth / Math.abs(base.mean),
    interval,
  };
}
