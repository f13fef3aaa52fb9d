import type { Category } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';

/** What the user asked a trace program to do, the same for every program. */
export interface TraceOptions {
  /** Shortest block, in microseconds, that is recorded. */
  readonly thresholdUs: number;
  /** Time between two flushes, in milliseconds. */
  readonly intervalMs: number;
  /** Stop after this many milliseconds; until aborted where absent. */
  readonly durationMs?: number;
  /** Process ids (thread group ids) to trace; all where empty. */
  readonly pids: readonly number[];
}

/** What one flush of a trace program measured. */
export interface Flush {
  /** When the flush was taken, microseconds since 1970 UTC. */
  readonly timeUs: number;
  readonly entries: EntryColumns;
  /** Events that the kernel side had to drop since the last flush. */
  readonly lost: number;
}

/** A program that can be traced: which helper runs it, and which category its records go to. */
export interface TraceProgram {
  readonly name: string;
  readonly summary: string;
  readonly category: Category;
}
