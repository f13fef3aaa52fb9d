import type { Category } from '../../src/core/category/define-category.ts';
import { makeEntries } from '../../src/core/category/entry-columns.ts';
import { offcputime } from '../../src/core/category/index.ts';
import type { Batch } from '../../src/core/wire/batch.ts';

export type OffcputimeRow = readonly [process: string, pid: number, stack: string, elapsed: number];

/** Time of the example in the protocol's description: 2016-10-24 17:12:43.288693 UTC. */
export const sampleTimeUs = Date.UTC(2016, 9, 24, 17, 12, 43) * 1000 + 288_693;

/** Makes a batch of offcputime records. */
export function offcputimeBatch(rows: readonly OffcputimeRow[], changes: Partial<Batch> = {}): Batch {
  const values = [0, 1, 2, 3].map((c) => rows.map((row) => row[c]!));
  return {
    hostname: 'destiny',
    timeUs: sampleTimeUs,
    labels: {},
    lost: 0,
    entries: [makeEntries({ category: offcputime as Category, length: rows.length, values })],
    ...changes,
  };
}

/** A batch of as many records as asked for, all of them different. */
export function batchOf(count: number, changes: Partial<Batch> = {}): Batch {
  const rows = Array.from(
    { length: count },
    (_, at): OffcputimeRow => [`p${at % 7}`, at, `a;b;s${at}`, at * 1000],
  );
  return offcputimeBatch(rows, changes);
}
