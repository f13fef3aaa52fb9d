import type { Delivery, DeliveryOutcome } from '../../src/core/agent/delivery.ts';
import { KernelscopeError } from '../../src/core/base/kernelscope-error.ts';
import type { Batch } from '../../src/core/wire/batch.ts';
import { plainValues } from './plain-values.ts';

/** What one answers who is not there. */
export const away = {
  stored: false,
  error: new KernelscopeError('service_unavailable', 'nobody there', { suggestions: ['start it'] }),
} as const satisfies DeliveryOutcome;

type Answer = DeliveryOutcome | Error | Promise<DeliveryOutcome>;

/**
 * The other side of a delivery: reads what it is sent, answers as it is told to, in turn, then stores; as a logger does,
 * a key once. `isAway` comes before all answers.
 */
export class Receiver {
  readonly tries: { readonly batch: Batch; readonly key: string; readonly atMs: number }[] = [];
  readonly stored = new Map<string, Batch>();
  isAway = false;
  readonly #answers: Answer[];

  constructor(...answers: readonly Answer[]) {
    this.#answers = [...answers];
  }

  readonly deliver: Delivery = async (parcel) => {
    const { key } = parcel;
    const batch = await parcel.batch();
    this.tries.push({ batch, key, atMs: performance.now() });
    if (this.isAway) return away;
    const answer = await (this.#answers.shift() ?? { stored: true });
    if (answer instanceof Error) throw answer;
    if (answer.stored && !this.stored.has(key)) this.stored.set(key, batch);
    return answer;
  };
}

/** The pids of all records, in the order that they were stored in. */
export function pidsOf(batches: Iterable<Batch>): readonly unknown[] {
  return [...batches].flatMap(({ entries }) => entries.flatMap((some) => plainValues(some)[1]!));
}
