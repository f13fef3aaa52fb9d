/** What repeated runs say of a value together. */
export interface RunSummary {
  readonly runs: number;
  readonly mean: number;
  /** Of the sample, by n - 1; 0 where there is one run only. */
  readonly variance: number;
}

/** Sums up the values of at least one run. */
export function summarizeRuns(values: readonly number[]): RunSummary {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { runs, mean, variance: runs < 2 ? 0 : squares / (runs - 1) };
}
