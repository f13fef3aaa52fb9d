import { expect, test } from 'vitest';
import { printable } from '../../../src/core/base/printable.ts';

test.each([
  ['plain text; with: signs', 'plain text; with: signs'],
  ['größe 漢字 👩‍💻', 'größe 漢字 👩‍💻'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u009b31m', '\\x9b31m'],
  ['a\nb\tc\rd\0e', 'a\\x0ab\\x09c\\x0dd\\x00e'],
  ['\u007f', '\\x7f'],
  ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['exe\u202efdp.txt', 'exe\\u{202e}fdp.txt'],
  ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ['\u200f\u200e\u061c', '\\u{200f}\\u{200e}\\u{61c}'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('what is printable stays as it is when it is made printable again', () => {
  const once = printable('\u001b]0;title\u0007');
  expect(printable(once)).toBe(once);
});
