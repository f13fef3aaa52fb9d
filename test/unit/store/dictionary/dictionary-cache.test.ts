import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DictionaryCache } from '../../../../src/core/store/dictionary/dictionary-cache.ts';

test('every text has its own id, whatever others share with it', () => {
  // Texts that differ in few of many characters are those that are easily taken for one another.
  const anyText = fc
    .array(fc.constantFrom('a', 'b'), { maxLength: 6 })
    .map((letters) => letters.map((letter) => letter.padStart(20, 'x')).join(';'));
  fc.assert(
    fc.property(fc.array(fc.oneof(anyText, fc.string()), { maxLength: 200 }), (texts) => {
      const cache = new DictionaryCache();
      const expected = new Map<string, number>();
      for (const text of texts) {
        expect(cache.get(text)).toBe(expected.get(text));
        if (expected.has(text)) continue;
        cache.set(text, expected.size);
        expected.set(text, expected.size);
      }
      for (const [text, id] of expected) expect(cache.get(text)).toBe(id);
    }),
  );
});

test('thousands of texts that were made to look alike are found as quickly as others', () => {
  const cache = new DictionaryCache();
  // Of 1600 characters every hundredth is looked at, counted from the last one.
  const alike = (number: number) => `${String(number).padStart(50, 'x')}${'y'.repeat(1550)}`;
  for (let number = 0; number < 5000; number++) {
    expect(cache.get(alike(number))).toBeUndefined();
    cache.set(alike(number), number);
  }
  for (let number = 0; number < 5000; number++) expect(cache.get(alike(number))).toBe(number);
});

test('it starts over when it holds too much, and when its time is over', () => {
  const cache = new DictionaryCache();
  const long = (letter: string) => letter.repeat(40 * 1024 * 1024);
  cache.set(long('a'), 1);
  cache.set(long('b'), 2);
  expect([cache.get(long('a')), cache.get(long('b'))]).toEqual([undefined, 2]);
  cache.expire(Date.now());
  cache.set('c', 3);
  cache.expire(Date.now());
  expect(cache.get('c')).toBe(3);
  cache.expire(Date.now() + 31 * 60 * 1000);
  expect(cache.get('c')).toBeUndefined();
});
