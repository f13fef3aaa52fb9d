import type { EntryColumns } from '../category/entry-columns.ts';
import type { Batch, Labels } from '../wire/batch.ts';

/** Puts what one flush of a tracer measured under the host's name and the run's labels. */
export function makeBatch(
  flush: { readonly timeUs: number; readonly entries: EntryColumns; readonly lost: number },
  origin: { readonly hostname: string; readonly labels: Labels },
): Batch {
  return { ...origin, timeUs: flush.timeUs, lost: flush.lost, entries: [flush.entries] };
}
