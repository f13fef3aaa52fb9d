import type { EntryColumns } from '../category/entry-columns.ts';

/** Free `key=value` pairs that say what a batch was measured under, such as `kernel=v6.12`. */
export type Labels = Readonly<Record<string, string>>;

/** What a host measured at one time: the unit of logging, all or nothing. */
export interface Batch {
  readonly hostname: string;
  /** Microseconds since 1970 UTC. */
  readonly timeUs: number;
  readonly labels: Labels;
  /** Events that the tracer or agent could not record. */
  readonly lost: number;
  readonly entries: readonly EntryColumns[];
}
