import { describe, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../../../src/core/agent/delivery.ts';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { away, pidsOf, Receiver } from '../../support/receiver.ts';
import { batchOf } from '../../support/sample-batch.ts';

describe('shipping', () => {
  test('stores every batch once, in order', async () => {
    const receiver = new Receiver();
    const shipper = new Shipper(receiver.deliver);
    for (const lost of [1, 2, 3, 4]) await shipper.send(batchOf(2, { lost }));
    expect(await shipper.finish(5000)).toEqual({ stored: 4, waiting: 0, dropped: 0 });
    expect([...receiver.stored.values()].map(({ lost }) => lost)).toEqual([1, 2, 3, 4]);
    expect(new Set(receiver.tries.map(({ key }) => key)).size).toBe(4);
  });

  test('with nothing to send is over at once', async () => {
    expect(await new Shipper(new Receiver().deliver).finish(5000)).toEqual({
      stored: 0,
      waiting: 0,
      dropped: 0,
    });
  });

  test('tries a batch again under the same key, and keeps the others in line meanwhile', async () => {
    const receiver = new Receiver(away, away);
    const shipper = new Shipper(receiver.deliver);
    for (const lost of [1, 2]) await shipper.send(batchOf(1, { lost }));
    await shipper.finish(5000);
    expect(receiver.tries.map(({ batch }) => batch.lost)).toEqual([1, 1, 1, 2]);
    expect(new Set(receiver.tries.slice(0, 3).map(({ key }) => key)).size).toBe(1);
  });

  test('says what the trouble is while there is any', async () => {
    const { promise, resolve } = Promise.withResolvers<DeliveryOutcome>();
    const receiver = new Receiver(away, promise);
    const shipper = new Shipper(receiver.deliver);
    await shipper.send(batchOf(1));
    while (receiver.tries.length < 2) await new Promise(setImmediate);
    expect(shipper.state).toMatchObject({ stored: 0, waiting: 1, trouble: { message: 'nobody there' } });
    resolve({ stored: true });
    expect(await shipper.finish(5000)).toEqual({ stored: 1, waiting: 0, dropped: 0 });
  });

  test('waits as long as it is asked to', async () => {
    const receiver = new Receiver({ ...away, retryAfterMs: 700 });
    const shipper = new Shipper(receiver.deliver);
    await shipper.send(batchOf(1));
    while (receiver.stored.size === 0) await new Promise(setImmediate);
    const [first, second] = receiver.tries.map(({ atMs }) => atMs) as [number, number];
    expect(second - first).toBeGreaterThanOrEqual(699);
    await shipper.finish(5000);
  });

  test('does not hammer one who asks for no wait, or for one beyond all timers', async () => {
    for (const retryAfterMs of [0, 1e15]) {
      const receiver = new Receiver({ ...away, retryAfterMs });
      const shipper = new Shipper(receiver.deliver);
      await shipper.send(batchOf(1));
      // Two turns of the event loop are far below the shortest wait, and far above none.
      for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
      expect(receiver.tries).toHaveLength(1);
      await shipper.finish(5000);
    }
  });

  test('at the end does not wait as long as it was asked to', async () => {
    const receiver = new Receiver({ ...away, retryAfterMs: 3_600_000 });
    const shipper = new Shipper(receiver.deliver);
    await shipper.send(batchOf(1));
    expect(await shipper.finish(5000)).toMatchObject({ stored: 1, waiting: 0 });
  });

  test('at the end gives up what cannot be stored in time, and says so', async () => {
    const shipper = new Shipper(async () => away);
    for (let sent = 0; sent < 3; sent++) await shipper.send(batchOf(1));
    const problem = await problemOfAsync(shipper.finish(300));
    expectProblem(problem, 'service_unavailable', '3 batches could not be stored: nobody there');
    expect(problem.suggestions).toEqual(['start it']);
  });

  test('at the end cuts off a delivery that never answers', async () => {
    let aborted = false;
    const shipper = new Shipper((_parcel, signal) => {
      const { promise, resolve } = Promise.withResolvers<DeliveryOutcome>();
      signal.addEventListener('abort', () => {
        aborted = true;
        resolve(away);
      });
      return promise;
    });
    await shipper.send(batchOf(1));
    const problem = await problemOfAsync(shipper.finish(50));
    expectProblem(problem, 'service_unavailable', '1 batch could not be stored: there was no answer in time');
    expect(aborted).toBe(true);
  });

  test('ends at what trying again cannot mend: the next batch and the end both say it', async () => {
    const refused = new KernelscopeError('forbidden', 'wrong token');
    const receiver = new Receiver(refused);
    const shipper = new Shipper(receiver.deliver);
    await shipper.send(batchOf(1));
    expect(await problemOfAsync(shipper.finish(5000))).toBe(refused);
    expect(await problemOfAsync(shipper.send(batchOf(1)))).toBe(refused);
    expect(receiver.tries).toHaveLength(1);
  });
});

describe('a batch that is too large', () => {
  test('is sent in halves, until they pass, with nothing lost or doubled', async () => {
    const stored = new Map<string, Batch>();
    const shipper = new Shipper(async (parcel) => {
      if (parcel.entries > 30) throw new KernelscopeError('too_large', 'too large');
      stored.set(parcel.key, await parcel.batch());
      return { stored: true };
    });
    const timesUs = Float64Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? at : Number.NaN));
    const [entries] = batchOf(100).entries;
    await shipper.send(
      batchOf(0, {
        lost: 7,
        labels: { run: 'a' },
        entries: [{ ...entries!, timesUs }, batchOf(5).entries[0]!],
      }),
    );
    await shipper.send(batchOf(3));
    await shipper.finish(5000);
    const batches = [...stored.values()];
    expect(pidsOf(batches)).toEqual([...Array(100).keys(), 0, 1, 2, 3, 4, 0, 1, 2]);
    expect(batches.reduce((sum, { lost }) => sum + lost, 0)).toBe(7);
    expect(batches.slice(0, -1).every(({ labels }) => labels.run === 'a')).toBe(true);
    const own = batches.slice(0, -1).flatMap((batch) => [...(batch.entries[0]!.timesUs ?? [])]);
    expect(own).toEqual([...timesUs]);
  });

  test('of a single entry cannot be helped', async () => {
    const tooLarge = new KernelscopeError('too_large', 'too large');
    const shipper = new Shipper(async () => {
      throw tooLarge;
    });
    await shipper.send(batchOf(4));
    expect(await problemOfAsync(shipper.finish(5000))).toBe(tooLarge);
  });
});

test('when too much waits, the oldest batches are given up and counted as lost by the next', async () => {
  const { promise, resolve } = Promise.withResolvers<DeliveryOutcome>();
  const receiver = new Receiver(promise);
  const shipper = new Shipper(receiver.deliver);
  const [some] = batchOf(1).entries;
  const big = (lost: number) => batchOf(0, { lost, entries: [{ ...some!, length: 700_000 }] });
  for (const lost of [1, 2, 3, 4]) await shipper.send(big(lost));
  // Of four times 700,000 two fit: the first is on its way, so the second and third go.
  expect(shipper.state).toEqual({ stored: 0, waiting: 2, dropped: 1_400_000 });
  resolve({ stored: true });
  await shipper.finish(5000);
  expect([...receiver.stored.values()].map(({ lost }) => lost)).toEqual([1, 4 + 1_400_000 + 2 + 3]);
});
