import { describe, expect, test } from 'vitest';
import { deliverBatches } from '../../../src/core/agent/deliver-batches.ts';
import type { Delivery } from '../../../src/core/agent/delivery.ts';
import { holdBatches } from '../../../src/core/agent/hold-batches.ts';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import type { Batch } from '../../../src/core/wire/batch.ts';
import { encodeBatch } from '../../../src/core/wire/encode-batch.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { batchOf } from '../../support/sample-batch.ts';

async function* batches(count: number, end: () => void = () => {}): AsyncGenerator<Batch> {
  for (let at = 0; at < count; at++) yield batchOf(10 + at, { lost: at });
  end();
}

const away = new KernelscopeError('service_unavailable', 'the logger is away');

describe('batches that are held', () => {
  test.each([0, 1, 4, 5, 12])('%i come out as they were, once the last was read', async (count) => {
    let wasRead = false;
    const expected = await Array.fromAsync(batches(count));
    const held: Batch[] = [];
    const all = holdBatches(
      batches(count, () => {
        wasRead = true;
      }),
    );
    for await (const batch of all) {
      expect(wasRead).toBe(true);
      held.push(batch);
    }
    expect(held.map(encodeBatch)).toEqual(expected.map(encodeBatch));
  });

  test.each([2, 9])('what goes wrong behind %i of them goes wrong before the first', async (count) => {
    const failing = batches(count, () => {
      throw new KernelscopeError('bad_input', 'line 7');
    });
    expectProblem(await problemOfAsync(holdBatches(failing).next()), 'bad_input', 'line 7');
  });
});

describe('batches that are delivered', () => {
  test('go one after the other, each under a key of its own', async () => {
    const keys: string[] = [];
    const delivery: Delivery = async ({ key }) => {
      keys.push(key);
      return { stored: true };
    };
    expect(await deliverBatches(batches(3), delivery, 'run')).toEqual({ batches: 3, records: 33 });
    expect(keys).toEqual(['run-0', 'run-1', 'run-2']);
  });

  test('are tried again under the same key', async () => {
    const keys: string[] = [];
    const delivery: Delivery = async ({ key }) => {
      keys.push(key);
      return keys.length === 1 ? { stored: false, error: away } : { stored: true };
    };
    expect(await deliverBatches(batches(1), delivery, 'run')).toEqual({ batches: 1, records: 10 });
    expect(keys).toEqual(['run-0', 'run-0']);
  });

  test('are given up where there is no time left, with what was stored before', async () => {
    const delivery: Delivery = async ({ key }) =>
      key === 'run-0' ? { stored: true } : { stored: false, error: away, retryAfterMs: 3_600_000 };
    const problem = await problemOfAsync(deliverBatches(batches(3), delivery, 'run'));
    expectProblem(problem, 'service_unavailable', 'the logger is away; 10 records were stored before');
    expect(problem.suggestions.join()).toContain('--key run');
  });

  test('are not tried again where that mends nothing', async () => {
    let tries = 0;
    const delivery: Delivery = async () => {
      tries++;
      throw new KernelscopeError('unknown_category', 'no such category');
    };
    expectProblem(await problemOfAsync(deliverBatches(batches(1), delivery, 'run')), 'unknown_category');
    expect(tries).toBe(1);
  });
});
