import { type Interval, meanInterval } from './mean-interval.ts';
import { summarizeRuns } from './summarize-runs.ts';

/** How a condition came out; `unclear` where it does not hold, but by no more than runs differ among themselves. */
export type Outcome = 'pass' | 'fail' | 'unclear' | 'no-data';

/** How a value may stand to its limit. */
export type LimitOperator = '<' | '<=' | '>' | '>=' | '=' | '!=';

/** What became of a condition on a value. */
export interface LimitVerdict {
  readonly outcome: Outcome;
  /** Mean over the runs; undefined without data. */
  readonly value: number | undefined;
  readonly runs: number;
  /** Undefined under two runs. */
  readonly interval: Interval | undefined;
}

const holds: Readonly<Record<LimitOperator, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '=': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
};

/** Judges the values of runs, one each, by a limit. */
export function judgeLimit(
  values: readonly number[],
  operator: LimitOperator,
  limit: number,
  confidence = 0.95,
): LimitVerdict {
  if (values.length === 0) return { outcome: 'no-data', value: undefined, runs: 0, interval: undefined };
  const { mean, runs } = summarizeRuns(values);
  const interval = meanInterval(values, confidence);
  const test = holds[operator];
  const mayHold =
    interval !== undefined &&
    (test(interval.low, limit) ||
      test(interval.high, limit) ||
      (interval.low < limit && limit < interval.high));
  const outcome = test(mean, limit) ? 'pass' : mayHold ? 'unclear' : 'fail';
  return { outcome, value: mean, runs, interval };
}
