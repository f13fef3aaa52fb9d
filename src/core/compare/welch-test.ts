import jStat from 'jstat';
import { summarizeRuns } from './summarize-runs.ts';

/** How far the means of two sides are apart, and how sure that is. */
export interface WelchTest {
  /** Mean after less mean before. */
  readonly difference: number;
  /** How likely a difference as large as this one, or larger, would be if there were none. */
  readonly p: number;
  /** The interval that holds the true difference with the confidence that was asked for. */
  readonly low: number;
  readonly high: number;
}

/**
 * Compares the means of two sides by Welch's t-test, two-sided, which takes different spreads and numbers of runs.
 * Answers undefined under two runs on either side: one run says nothing about how much runs differ.
 * B. L. Welch, The generalization of "Student's" problem when several different population variances are involved, 1947.
 */
export function welchTest(
  before: readonly number[],
  after: readonly number[],
  confidence = 0.95,
): WelchTest | undefined {
  if (before.length < 2 || after.length < 2) return undefined;
  const [a, b] = [summarizeRuns(before), summarizeRuns(after)];
  const difference = b.mean - a.mean;
  const [spreadA, spreadB] = [a.variance / a.runs, b.variance / b.runs];
  const error = Math.sqrt(spreadA + spreadB);
  // Runs that are all the same on both sides leave no doubt, and nothing to divide by.
  if (error <= 1e-12 * Math.max(Math.abs(a.mean), Math.abs(b.mean))) {
    return { difference, p: difference === 0 ? 1 : 0, low: difference, high: difference };
  }
  const part = spreadA / (spreadA + spreadB);
  const degrees = 1 / (part ** 2 / (a.runs - 1) + (1 - part) ** 2 / (b.runs - 1));
  // Twice the half may come out as a little more than 1.
  const p = Math.min(1, 2 * jStat.studentt.cdf(-Math.abs(difference) / error, degrees));
  const margin = jStat.studentt.inv(0.5 + confidence / 2, degrees) * error;
  return { difference, p, low: difference - margin, high: difference + margin };
}
