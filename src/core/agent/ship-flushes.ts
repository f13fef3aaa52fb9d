import type { EntryColumns } from '../category/entry-columns.ts';
import type { Labels } from '../wire/batch.ts';
import { makeBatch } from './make-batch.ts';
import type { Shipper, ShipState } from './shipper.ts';

/** What an agent needs of a flush, whatever program it is of. */
interface ShippableFlush {
  readonly timeUs: number;
  readonly entries: EntryColumns;
  readonly lost: number;
}

/** Hands each flush to the shipper as one batch, and passes it on with how shipping goes. Throws what the shipper throws. */
export async function* shipFlushes<F extends ShippableFlush>(
  flushes: AsyncIterable<F>,
  origin: { readonly hostname: string; readonly labels: Labels },
  shipper: Shipper,
): AsyncIterable<{ readonly flush: F; readonly state: ShipState }> {
  for await (const flush of flushes) {
    await shipper.send(makeBatch(flush, origin));
    yield { flush, state: shipper.state };
  }
}
