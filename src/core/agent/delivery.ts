import type { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Parcel } from './parcel.ts';

/** What became of a batch: stored, or to be tried again, after a time where the other side named one. */
export type DeliveryOutcome =
  | { readonly stored: true }
  | { readonly stored: false; readonly error: KernelscopeError; readonly retryAfterMs?: number };

/**
 * A way to where batches are kept. The parcel's key makes trying again harmless; the signal aborts when there is no more
 * time. Throws what trying again cannot mend, `too_large` among it where a smaller batch may pass, and what reading the
 * parcel throws.
 */
export type Delivery = (parcel: Parcel, signal: AbortSignal) => Promise<DeliveryOutcome>;
