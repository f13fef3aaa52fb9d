import type { Outcome } from '../../compare/judge-limit.ts';

/** What became of one condition, in words. */
export interface CheckedCondition {
  /** The condition: `p99(elapsed) <= 5ms`. */
  readonly name: string;
  readonly outcome: Outcome;
  /** Whether that makes the whole check fail. */
  readonly fails: boolean;
  /** What was compared, and how it came out. */
  readonly detail: string;
  /** The same in numbers, for programs. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What a check found. */
export interface CheckReport {
  /** The category and what its records were chosen by. */
  readonly subject: string;
  /** What the check is called where several are listed. */
  readonly title: string;
  /** What is to be known besides: lost events, too few runs. */
  readonly notes: readonly string[];
  readonly conditions: readonly CheckedCondition[];
}

/** An output format of checks. */
export interface CheckRenderer {
  readonly mediaType: string;
  readonly render: (report: CheckReport) => string;
}
