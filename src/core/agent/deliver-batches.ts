import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { formatCount } from '../base/units.ts';
import type { Batch } from '../wire/batch.ts';
import type { Delivery } from './delivery.ts';
import { countEntries, packBatch } from './parcel.ts';

/** First and longest wait between two tries, in milliseconds. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
/** How long one batch is tried, in milliseconds. */
const PATIENCE_MS = 60_000;

/** What was delivered. */
export interface Delivered {
  readonly batches: number;
  readonly records: number;
}

/**
 * Delivers batches one after the other, each again until it is stored or a minute is over; `key` and a number are the
 * key of each. Throws what trying again does not mend, with what was stored before.
 */
export async function deliverBatches(
  batches: AsyncIterable<Batch>,
  delivery: Delivery,
  key: string,
  patienceMs: number = PATIENCE_MS,
): Promise<Delivered> {
  const done = { batches: 0, records: 0 };
  for await (const batch of batches) {
    try {
      await deliverOne(batch, delivery, `${key}-${done.batches}`, patienceMs);
    } catch (error) {
      if (!(error instanceof KernelscopeError) || done.records === 0) throw error;
      throw new KernelscopeError(
        error.code,
        `${error.message}; ${formatCount(done.records)} records were stored before`,
        {
          suggestions: [...error.suggestions, `--key ${key} with the same input stores only what is missing`],
          cause: error,
        },
      );
    }
    done.batches++;
    done.records += countEntries(batch);
  }
  return done;
}

async function deliverOne(batch: Batch, delivery: Delivery, key: string, patienceMs: number): Promise<void> {
  const parcel = packBatch(batch, key);
  const deadlineMs = Date.now() + patienceMs;
  const timeout = AbortSignal.timeout(patienceMs);
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
    const outcome = await delivery(parcel, timeout);
    if (outcome.stored) return;
    const nextMs = Math.max(outcome.retryAfterMs ?? 0, waitMs);
    if (Date.now() + nextMs > deadlineMs) throw outcome.error;
    await delay(nextMs);
  }
}
