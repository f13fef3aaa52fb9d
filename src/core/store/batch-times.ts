import type { Batch } from '../wire/batch.ts';

/** Finds the earliest and the latest time of a batch's records, in microseconds since 1970 UTC; its own time where it has none. */
export function batchTimes(batch: Batch): { readonly first: number; readonly last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const entries of batch.entries) {
    if (entries.length === 0) continue;
    for (const time of entries.timesUs ?? [Number.NaN]) {
      const timeUs = Number.isNaN(time) ? batch.timeUs : time;
      if (timeUs < first) first = timeUs;
      if (timeUs > last) last = timeUs;
    }
  }
  return first <= last ? { first, last } : { first: batch.timeUs, last: batch.timeUs };
}
