import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyQueue } from '../../../src/core/service/body-queue.ts';

const roomy = { sentBytes: 1000, openBytes: 100, opening: 100 };

/** A body that a test opens and finishes with when it wants to. */
function steppedBody(queue: BodyQueue, guessBytes: number, bytes: number) {
  const steps = { isOpened: false, isUsed: false };
  let opened!: (body: Uint8Array) => void;
  let finished!: (name: string) => void;
  let failed!: (error: Error) => void;
  const done = queue.open(
    guessBytes,
    () => {
      steps.isOpened = true;
      return new Promise((resolve, reject) => {
        opened = resolve;
        failed = reject;
      });
    },
    () => {
      steps.isUsed = true;
      return new Promise((resolve) => {
        finished = resolve;
      });
    },
  );
  return {
    steps,
    done,
    open: () => opened(new Uint8Array(bytes)),
    fail: () => failed(new Error('not whole')),
    finish: () => finished('stored'),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('room for what was sent', () => {
  test('is counted in bytes, and given back', () => {
    const queue = new BodyQueue(roomy);
    const first = queue.admit(600)!;
    expect(queue.admit(401)).toBeUndefined();
    expect(queue.admit(400)).toBeDefined();
    expect(queue.sentBytes).toBe(1000);
    first.release();
    first.release();
    expect(queue.sentBytes).toBe(400);
  });

  test('follows what came where less was announced, or nothing', () => {
    const queue = new BodyQueue(roomy);
    queue.admit(1000)!.resize(10);
    expect(queue.sentBytes).toBe(10);
    expect(queue.admit(990)).toBeDefined();
  });

  test('is always there for one body alone', () => {
    const queue = new BodyQueue(roomy);
    expect(queue.admit(5000)).toBeDefined();
    expect(queue.admit(0)).toBeUndefined();
  });
});

describe('what is open', () => {
  test('has room for a guess first, then for what it is, and what does not fit waits in order', async () => {
    const queue = new BodyQueue(roomy);
    const [first, second, third] = [
      steppedBody(queue, 40, 90),
      steppedBody(queue, 40, 10),
      steppedBody(queue, 10, 10),
    ];
    await settled();
    expect([first, second, third].map(({ steps }) => steps.isOpened)).toEqual([true, true, true]);
    first.open();
    second.open();
    third.open();
    await settled();
    const [large, small] = [steppedBody(queue, 30, 1), steppedBody(queue, 1, 1)];
    await settled();
    // The small one would fit soonest, and comes after the one before it all the same.
    second.finish();
    expect(await second.done).toBe('stored');
    await settled();
    expect([large, small].map(({ steps }) => steps.isOpened)).toEqual([false, false]);
    first.finish();
    await settled();
    expect([large, small].map(({ steps }) => steps.isOpened)).toEqual([true, true]);
  });

  test('is opened only so many at a time', async () => {
    const queue = new BodyQueue({ ...roomy, opening: 2 });
    const bodies = Array.from({ length: 4 }, () => steppedBody(queue, 1, 1));
    await settled();
    expect(bodies.map(({ steps }) => steps.isOpened)).toEqual([true, true, false, false]);
    bodies[0]!.open();
    await settled();
    expect(bodies.map(({ steps }) => steps.isOpened)).toEqual([true, true, true, false]);
    bodies[1]!.fail();
    await expect(bodies[1]!.done).rejects.toThrow('not whole');
    await settled();
    expect(bodies.map(({ steps }) => steps.isOpened)).toEqual([true, true, true, true]);
  });

  test('may be larger than all room if it is alone', async () => {
    const queue = new BodyQueue(roomy);
    const large = steppedBody(queue, 1_000_000, 1_000_000);
    const next = steppedBody(queue, 1, 1);
    await settled();
    expect([large.steps.isOpened, next.steps.isOpened]).toEqual([true, false]);
    large.open();
    await settled();
    large.finish();
    await settled();
    expect(next.steps.isOpened).toBe(true);
  });
});

test('whatever comes, in whatever sizes, all of it is opened in order and used, and the room is back at the end', async () => {
  const body = fc.record({ guess: fc.nat(150), bytes: fc.nat(150), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(body, { maxLength: 20 }), async (bodies) => {
      const queue = new BodyQueue({ sentBytes: 10, openBytes: 100, opening: 3 });
      const order: number[] = [];
      const outcomes = await Promise.allSettled(
        bodies.map(({ guess, bytes, fails }, index) =>
          queue.open(
            guess,
            async () => {
              order.push(index);
              await settled();
              if (fails) throw new Error('not whole');
              return new Uint8Array(bytes);
            },
            async () => settled(),
          ),
        ),
      );
      expect(order).toEqual(bodies.map((_, index) => index));
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(bodies.map(({ fails }) => fails));
      // With all room back, another that fills it starts at once.
      let isOpened = false;
      await queue.open(
        100,
        async () => {
          isOpened = true;
          return new Uint8Array(100);
        },
        async () => {},
      );
      expect(isOpened).toBe(true);
    }),
  );
});
