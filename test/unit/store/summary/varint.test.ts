import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VarintReader, VarintWriter } from '../../../../src/core/store/summary/varint.ts';

const whole = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
);

test('numbers come back as they were put in', () => {
  fc.assert(
    fc.property(fc.array(whole, { maxLength: 50 }), (numbers) => {
      const writer = new VarintWriter();
      for (const number of numbers) writer.put(number);
      const reader = new VarintReader(writer.take());
      expect(numbers.map(() => reader.next())).toEqual(numbers);
      expect(reader.isAtEnd).toBe(true);
    }),
  );
});

test('small numbers take one byte, and taking starts over', () => {
  const writer = new VarintWriter();
  for (let number = 0; number < 128; number++) writer.put(number);
  expect(writer.take()).toHaveLength(128);
  expect(writer.length).toBe(0);
  writer.put(128);
  expect([...writer.take()]).toEqual([0x80, 0x01]);
});

test('the buffer grows for numbers and for bytes alike', () => {
  const writer = new VarintWriter();
  writer.putBytes(new Uint8Array(100_000).fill(7));
  for (let index = 0; index < 100_000; index++) writer.put(Number.MAX_SAFE_INTEGER);
  const bytes = writer.take();
  const reader = new VarintReader(bytes);
  reader.at = 100_000;
  expect(reader.next()).toBe(Number.MAX_SAFE_INTEGER);
  expect(bytes).toHaveLength(100_000 + 800_000);
});
