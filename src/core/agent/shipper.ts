import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { Batch } from '../wire/batch.ts';
import type { Delivery } from './delivery.ts';

/** First and longest wait between two tries, in milliseconds; each wait is a random half to whole of its bound. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** Longest wait that the other side may ask for, in milliseconds. */
const LONGEST_ASKED_MS = 600_000;
/** Entries that may wait; beyond it the oldest batch is given up and its entries count as lost. */
const MAX_WAITING_ENTRIES = 2_000_000;

/** How shipping goes. */
export interface ShipState {
  readonly stored: number;
  readonly waiting: number;
  /** Entries given up because too many waited. */
  readonly dropped: number;
  /** Why the batches that wait have not been stored; absent where the last try went well. */
  readonly trouble?: KernelscopeError;
}

/** A batch in line, with the key that it is sent under however often. */
interface Waiting {
  readonly batch: Batch;
  readonly key: string;
  readonly entries: number;
}

/** Sends batches on in order, one after the other, trying again for as long as it takes: nothing measured is lost. */
export class Shipper {
  readonly #deliver: Delivery;
  readonly #waiting: Waiting[] = [];
  #waitingEntries = 0;
  #stored = 0;
  #dropped = 0;
  #unreportedLost = 0;
  #trouble: KernelscopeError | undefined;
  #fatal: unknown;
  #running: Promise<void> | undefined;
  readonly #hurry = new AbortController();
  readonly #giveUp = new AbortController();

  constructor(deliver: Delivery) {
    this.#deliver = deliver;
  }

  get state(): ShipState {
    const state = { stored: this.#stored, waiting: this.#waiting.length, dropped: this.#dropped };
    return this.#trouble === undefined ? state : { ...state, trouble: this.#trouble };
  }

  /** Takes a batch; returns at once. Throws what made an earlier batch undeliverable for good. */
  send(batch: Batch): void {
    if (this.#fatal !== undefined) throw this.#fatal;
    const entries = batch.entries.reduce((sum, { length }) => sum + length, 0);
    this.#makeRoom(entries);
    this.#waiting.push({
      batch: { ...batch, lost: batch.lost + this.#unreportedLost },
      key: randomUUID(),
      entries,
    });
    this.#unreportedLost = 0;
    this.#waitingEntries += entries;
    this.#running ??= this.#run();
  }

  /**
   * Waits until all is stored, at most `timeoutMs`. Throws what made a batch undeliverable, or `service_unavailable`
   * with the number of batches that are given up.
   */
  async finish(timeoutMs: number): Promise<ShipState> {
    this.#hurry.abort();
    const timeout = new AbortController();
    const timer = delay(timeoutMs, undefined, { signal: timeout.signal }).catch(() => {});
    await Promise.race([this.#running, timer]);
    timeout.abort();
    this.#giveUp.abort();
    if (this.#fatal !== undefined) throw this.#fatal;
    const { state } = this;
    if (state.waiting === 0) return state;
    const batches = state.waiting === 1 ? '1 batch' : `${state.waiting} batches`;
    const why = state.trouble?.message ?? 'there was no answer in time';
    throw new KernelscopeError('service_unavailable', `${batches} could not be stored: ${why}`, {
      suggestions: state.trouble?.suggestions ?? [],
    });
  }

  #makeRoom(entries: number): void {
    // The first in line may be under way; giving it up could count what is about to be stored as lost.
    while (this.#waitingEntries + entries > MAX_WAITING_ENTRIES && this.#waiting.length > 1) {
      const [oldest] = this.#waiting.splice(1, 1);
      this.#waitingEntries -= oldest!.entries;
      this.#dropped += oldest!.entries;
      this.#unreportedLost += oldest!.entries + oldest!.batch.lost;
    }
  }

  async #run(): Promise<void> {
    let boundMs = FIRST_RETRY_MS;
    for (
      let next = this.#waiting[0];
      next !== undefined && !this.#giveUp.signal.aborted;
      next = this.#waiting[0]
    ) {
      try {
        const outcome = await this.#deliver(next.batch, next.key, this.#giveUp.signal);
        if (outcome.stored) {
          this.#waiting.shift();
          this.#waitingEntries -= next.entries;
          this.#stored++;
          this.#trouble = undefined;
          boundMs = FIRST_RETRY_MS;
          continue;
        }
        this.#trouble = outcome.error;
        const askedMs = Math.min(outcome.retryAfterMs ?? 0, LONGEST_ASKED_MS);
        await this.#wait(Math.max(askedMs, boundMs * (0.5 + Math.random() / 2)));
        boundMs = Math.min(boundMs * 2, LONGEST_RETRY_MS);
      } catch (error) {
        if (error instanceof KernelscopeError && error.code === 'too_large' && next.entries > 1) {
          this.#waiting.splice(0, 1, ...halves(next));
          continue;
        }
        this.#fatal = error;
        break;
      }
    }
    this.#running = undefined;
  }

  /** Waits, but not through the end of the run: then there is one try at once, and short waits after. */
  async #wait(ms: number): Promise<void> {
    if (this.#hurry.signal.aborted) {
      await delay(Math.min(ms, FIRST_RETRY_MS), undefined, { ref: false });
      return;
    }
    await delay(ms, undefined, { signal: this.#hurry.signal }).catch(() => {});
  }
}

/** Splits a batch that is too large for the other side; what was lost goes with the first half. */
function halves({ batch, entries: count }: Waiting): readonly Waiting[] {
  const middle = Math.ceil(count / 2);
  const part = (from: number, to: number, lost: number): Waiting => {
    let start = 0;
    const entries = batch.entries.map((columns) => {
      const [first, last] = [from - start, to - start].map((at) =>
        Math.min(Math.max(at, 0), columns.length),
      ) as [number, number];
      start += columns.length;
      return sliceEntries(columns, first, last);
    });
    return { batch: { ...batch, lost, entries }, key: randomUUID(), entries: to - from };
  };
  return [part(0, middle, batch.lost), part(middle, count, 0)];
}

function sliceEntries(
  { category, values, timesUs }: EntryColumns,
  first: number,
  last: number,
): EntryColumns {
  return {
    category,
    length: last - first,
    values: values.map((column) => column?.slice(first, last)),
    ...(timesUs !== undefined && { timesUs: timesUs.slice(first, last) }),
  };
}
