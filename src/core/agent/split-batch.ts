import { sliceEntries } from '../category/entry-columns.ts';
import type { Batch } from '../wire/batch.ts';
import { countEntries, type Parcel, packBatch } from './parcel.ts';

/**
 * Splits a batch that is too large for the other side; what was lost goes with the first half. The halves' keys follow
 * from the whole's, so that whoever splits it again, after a crash too, sends the same.
 */
export function splitBatch(batch: Batch, key: string): readonly [Parcel, Parcel] {
  const count = countEntries(batch);
  const middle = Math.ceil(count / 2);
  const part = (from: number, to: number, lost: number, half: 1 | 2): Parcel => {
    let start = 0;
    const entries = batch.entries.map((columns) => {
      const [first, last] = [from - start, to - start].map((at) =>
        Math.min(Math.max(at, 0), columns.length),
      ) as [number, number];
      start += columns.length;
      return sliceEntries(columns, first, last);
    });
    return packBatch({ ...batch, lost, entries }, `${key}.${half}`);
  };
  return [part(0, middle, batch.lost, 1), part(middle, count, 0, 2)];
}
