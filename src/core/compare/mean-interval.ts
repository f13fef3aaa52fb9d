import jStat from 'jstat';
import { summarizeRuns } from './summarize-runs.ts';

/** What holds the true value with a confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The interval of the mean of repeated runs, by Student's distribution; undefined under two runs. */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval | undefined {
  if (values.length < 2) return undefined;
  const { runs, mean, variance } = summarizeRuns(values);
  const error = Math.sqrt(variance / runs);
  const margin = error === 0 ? 0 : jStat.studentt.inv(0.5 + confidence / 2, runs - 1) * error;
  return { low: mean - margin, high: mean + margin };
}
