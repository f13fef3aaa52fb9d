import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Batch } from '../wire/batch.ts';
import type { Delivery, DeliveryOutcome } from './delivery.ts';
import { type Parcel, packBatch } from './parcel.ts';
import { splitBatch } from './split-batch.ts';
import type { Spool, SpooledParcel } from './spool.ts';
import { UnreadableRecord } from './spool-record.ts';

/** First and longest wait between two tries, in milliseconds; each wait is a random half to whole of its bound. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** Longest wait that the other side may ask for, in milliseconds. */
const LONGEST_ASKED_MS = 600_000;
/** Tries in vain after which the end of a run leaves in the spool what is there. */
const LAST_TRIES = 4;
/** Entries that may wait in memory; beyond it the oldest batch is given up and its entries count as lost. */
const MAX_WAITING_ENTRIES = 2_000_000;

/** What a logger says of a batch that it will never take, whatever it says of others. */
const refusalsOfOne: readonly string[] = ['bad_batch', 'unknown_category', 'too_large'];

/** How shipping goes. */
export interface ShipState {
  /** Batches of this run that are stored. */
  readonly stored: number;
  /** Batches in line, those of earlier runs among them. */
  readonly waiting: number;
  /** Entries of this run given up because too many waited, for too long, or because they cannot be read any more. */
  readonly dropped: number;
  /** Batches of earlier runs that were found in the spool, and those of them that are stored; absent where none were. */
  readonly earlier?: { readonly found: number; readonly stored: number };
  /** Why the batches that wait have not been stored; absent where the last try went well. */
  readonly trouble?: KernelscopeError;
  /** Why the last batch waits in memory instead of the spool; absent where it does not. */
  readonly spoolTrouble?: KernelscopeError;
  /** Batches in the spool that could not be read or were refused, and what became of the last; absent where none were. */
  readonly setAside?: { readonly batches: number; readonly reason: string };
}

/** A batch in line. */
interface Waiting {
  readonly parcel: Parcel;
  /** The same where it is on disk. */
  readonly spooled?: SpooledParcel;
  readonly isEarlier: boolean;
  /** It is known to outlive the machine's power. */
  isKept: boolean;
}

/**
 * Sends batches on in order, one after the other, trying again for as long as it takes. With a spool, batches wait on
 * disk and outlive the process, and those that earlier ones left are sent first.
 */
export class Shipper {
  readonly #deliver: Delivery;
  readonly #spool: Spool | undefined;
  readonly #waiting: Waiting[] = [];
  #entriesInMemory = 0;
  #stored = 0;
  #storedEarlier = 0;
  readonly #foundEarlier: number;
  #dropped = 0;
  /** Events that were given up, and that no batch has said so of yet. */
  #unreportedLost = 0;
  #setAside: ShipState['setAside'];
  #trouble: KernelscopeError | undefined;
  #spoolTrouble: KernelscopeError | undefined;
  #fatal: unknown;
  #running: Promise<void> | undefined;
  readonly #hurry = new AbortController();
  readonly #giveUp = new AbortController();

  /** Takes over the spool, and closes it at the end. */
  constructor(deliver: Delivery, spool?: Spool) {
    this.#deliver = deliver;
    this.#spool = spool;
    for (const spooled of spool?.leftOver ?? [])
      this.#waiting.push({ parcel: spooled, spooled, isEarlier: true, isKept: true });
    this.#foundEarlier = this.#waiting.length;
    if (this.#foundEarlier > 0) this.#running = this.#run();
  }

  get state(): ShipState {
    return {
      stored: this.#stored,
      waiting: this.#waiting.length,
      dropped: this.#dropped,
      ...(this.#foundEarlier > 0 && { earlier: { found: this.#foundEarlier, stored: this.#storedEarlier } }),
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
      ...(this.#spoolTrouble !== undefined && { spoolTrouble: this.#spoolTrouble }),
      ...(this.#setAside !== undefined && { setAside: this.#setAside }),
    };
  }

  /**
   * Takes a batch; with a spool it outlives this process once this resolves, unless the state has `spoolTrouble`. Does
   * not wait for it to be stored. Throws what made an earlier batch undeliverable for good, with this one in the spool.
   */
  async send(batch: Batch): Promise<void> {
    const key = randomUUID();
    const spooled = await this.#putIntoSpool(batch, key);
    if (spooled !== undefined) this.#waiting.push(spooled);
    if (this.#fatal !== undefined) throw this.#fatal;
    if (spooled === undefined) this.#waiting.push(this.#keepInMemory(batch, key));
    this.#running ??= this.#run();
  }

  /**
   * Waits until all is stored, at most `timeoutMs`, and for a few tries where all is in the spool. Throws what made a
   * batch undeliverable, or `service_unavailable` with the number of batches that are given up, or left in the spool.
   */
  async finish(timeoutMs: number): Promise<ShipState> {
    this.#hurry.abort();
    const timeout = new AbortController();
    const timer = delay(timeoutMs, undefined, { signal: timeout.signal }).catch(() => {});
    await Promise.race([this.#running, timer]);
    timeout.abort();
    this.#giveUp.abort();
    await this.#keepAll();
    // A delivery that does not end now may still store its batch: it stays in the spool, and its key makes that harmless.
    this.#spool?.close();
    if (this.#fatal !== undefined) throw this.#fatal;
    const { state } = this;
    if (state.waiting === 0) return state;
    throw this.#leftBehind(state);
  }

  /** Writes a batch to the spool; undefined where there is none, or it fails. */
  async #putIntoSpool(batch: Batch, key: string): Promise<Waiting | undefined> {
    const spool = this.#spool;
    if (spool === undefined) return undefined;
    const lostBefore = this.#takeLost();
    let parcel = packBatch(withLost(batch, lostBefore), key);
    let victims: readonly SpooledParcel[] = [];
    try {
      victims = this.#makeRoom(spool, spool.bytesOf(await parcel.body()));
      if (victims.length > 0) parcel = packBatch(withLost(batch, lostBefore + this.#takeLost()), key);
      // What stays for more than a moment is worth making the disk busy for.
      const isToStay = this.#trouble !== undefined;
      const spooled = await spool.add(parcel, isToStay);
      this.#spoolTrouble = undefined;
      return { parcel: spooled, spooled, isEarlier: false, isKept: isToStay };
    } catch (error) {
      if (!(error instanceof KernelscopeError)) throw error;
      this.#spoolTrouble = error;
      this.#unreportedLost += parcel.lost - batch.lost;
      return undefined;
    } finally {
      // Only now, so that a kill between the two counts too much as lost, and never too little.
      for (const victim of victims) await spool.remove(victim);
    }
  }

  /** Gives up what has waited for too long, and the oldest where too much waits. Gives what is to be removed. */
  #makeRoom(spool: Spool, bytes: number): readonly SpooledParcel[] {
    const { maxBytes, maxAgeMs } = spool.limits;
    const oldestMs = Date.now() - maxAgeMs;
    const victims: SpooledParcel[] = [];
    let free = maxBytes - spool.bytes;
    while (true) {
      const victim = this.#oldest(
        ({ spooled }) => spooled !== undefined && (spooled.writtenMs < oldestMs || free < bytes),
      );
      if (victim?.spooled === undefined) return victims;
      this.#drop(victim);
      victims.push(victim.spooled);
      free += victim.spooled.bytes;
    }
  }

  #keepInMemory(batch: Batch, key: string): Waiting {
    const { entries } = packBatch(batch, key);
    while (this.#entriesInMemory + entries > MAX_WAITING_ENTRIES) {
      const victim = this.#oldest(({ spooled }) => spooled === undefined);
      if (victim === undefined) break;
      this.#drop(victim);
    }
    this.#entriesInMemory += entries;
    const parcel = packBatch(withLost(batch, this.#takeLost()), key);
    return { parcel, isEarlier: false, isKept: false };
  }

  /** Finds the oldest that fits. Never the first in line: it may be under way, and be counted as lost and stored as well. */
  #oldest(fits: (waiting: Waiting) => boolean): Waiting | undefined {
    return this.#waiting.find((waiting, at) => at > 0 && fits(waiting));
  }

  #takeLost(): number {
    const lost = this.#unreportedLost;
    this.#unreportedLost = 0;
    return lost;
  }

  /** Counts a batch in line as lost, and takes it out. */
  #drop(waiting: Waiting): void {
    const { entries, lost } = waiting.parcel;
    this.#takeOut(waiting);
    this.#unreportedLost += entries + lost;
    if (!waiting.isEarlier) this.#dropped += entries;
  }

  #takeOut(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    if (waiting.spooled === undefined) this.#entriesInMemory -= waiting.parcel.entries;
  }

  async #run(): Promise<void> {
    let boundMs = FIRST_RETRY_MS;
    let lastTries = 0;
    for (
      let next = this.#waiting[0];
      next !== undefined && !this.#giveUp.signal.aborted;
      next = this.#waiting[0]
    ) {
      try {
        const outcome = await this.#tryOnce(next.parcel);
        if (outcome.stored) {
          await this.#settle(next);
          boundMs = FIRST_RETRY_MS;
          continue;
        }
        this.#trouble = outcome.error;
        await this.#keep(next);
        if (this.#hurry.signal.aborted && ++lastTries >= LAST_TRIES && this.#isAllSpooled()) break;
        const askedMs = Math.min(outcome.retryAfterMs ?? 0, LONGEST_ASKED_MS);
        await this.#wait(Math.max(askedMs, boundMs * (0.5 + Math.random() / 2)));
        boundMs = Math.min(boundMs * 2, LONGEST_RETRY_MS);
      } catch (error) {
        if (await this.#passOver(next, error)) continue;
        this.#fatal = error;
        break;
      }
    }
    this.#running = undefined;
  }

  async #tryOnce(parcel: Parcel): Promise<DeliveryOutcome> {
    try {
      return await this.#deliverWhole(parcel);
    } catch (error) {
      // Too many open files, for one, keeps a parcel from being read for now.
      if (error instanceof KernelscopeError && error.code === 'spool_unusable')
        return { stored: false, error };
      throw error;
    }
  }

  /** Delivers a batch, in halves where it is too large. A half that is sent again is known by its key. */
  async #deliverWhole(parcel: Parcel): Promise<DeliveryOutcome> {
    try {
      return await this.#deliver(parcel, this.#giveUp.signal);
    } catch (error) {
      const isTooLarge = error instanceof KernelscopeError && error.code === 'too_large';
      if (!isTooLarge || parcel.entries <= 1) throw error;
    }
    for (const half of splitBatch(await parcel.batch(), parcel.key)) {
      const outcome = await this.#deliverWhole(half);
      if (!outcome.stored) return outcome;
    }
    return { stored: true };
  }

  async #settle(stored: Waiting): Promise<void> {
    this.#takeOut(stored);
    if (stored.isEarlier) this.#storedEarlier++;
    else this.#stored++;
    this.#trouble = undefined;
    if (stored.spooled !== undefined) await this.#spool!.remove(stored.spooled);
  }

  /** Goes on without a batch that cannot be read, or that an earlier run left and nobody takes; says whether it did. */
  async #passOver(waiting: Waiting, error: unknown): Promise<boolean> {
    const { spooled, isEarlier } = waiting;
    if (spooled === undefined) return false;
    if (error instanceof UnreadableRecord && error.isGone) {
      // Another agent, which cannot see this process, has taken it over.
      this.#takeOut(waiting);
      await this.#spool!.remove(spooled);
      return true;
    }
    const isRefused = error instanceof KernelscopeError && isEarlier && refusalsOfOne.includes(error.code);
    if (!isRefused && !(error instanceof UnreadableRecord)) return false;
    this.#drop(waiting);
    this.#setAside = {
      batches: (this.#setAside?.batches ?? 0) + 1,
      reason: `${spooled.path}: ${error.message}`,
    };
    await this.#spool!.setAside(spooled);
    return true;
  }

  async #keep(waiting: Waiting): Promise<void> {
    if (waiting.isKept || waiting.spooled === undefined) return;
    waiting.isKept = true;
    await this.#spool!.keep(waiting.spooled);
  }

  #isAllSpooled(): boolean {
    return this.#waiting.every(({ spooled }) => spooled !== undefined);
  }

  async #keepAll(): Promise<void> {
    for (const waiting of this.#waiting) await this.#keep(waiting);
  }

  #leftBehind({ waiting, trouble }: ShipState): KernelscopeError {
    const batches = waiting === 1 ? '1 batch' : `${waiting} batches`;
    const why = trouble?.message ?? 'there was no answer in time';
    const kept = this.#waiting.filter(({ spooled }) => spooled !== undefined).length;
    const they = kept < waiting ? `${kept} of them are` : kept === 1 ? 'it is' : 'they are';
    return new KernelscopeError('service_unavailable', `${batches} could not be stored: ${why}`, {
      suggestions: [
        ...(trouble?.suggestions ?? []),
        ...(kept === 0
          ? []
          : [`${they} kept in ${this.#spool!.folder}, for the next trace to that logger to send`]),
      ],
    });
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

function withLost(batch: Batch, more: number): Batch {
  // A name of a file in the spool can say any number.
  return { ...batch, lost: Math.min(batch.lost + more, Number.MAX_SAFE_INTEGER) };
}
