import { expect, test } from 'vitest';
import { formatShare, formatWeight } from '../../../src/core/render/format-weight.ts';

test('prints weights in the unit that fits', () => {
  expect(formatWeight(5_120_000, 'ns')).toBe('5.12 ms');
  expect(formatWeight(1500, 'us')).toBe('1.5 ms');
  expect(formatWeight(90, 's')).toBe('1.5 m');
  expect(formatWeight(4113, 'count')).toBe('4,113');
  expect(formatWeight(0.5, 'count')).toBe('0.5');
  expect(formatWeight(1_250_000, 'bytes')).toBe('1.25 MB');
});

test('prints shares, and never says 0% of something', () => {
  expect(formatShare(1, 3)).toBe('33.3%');
  expect(formatShare(1, 2000)).toBe('0.05%');
  expect(formatShare(1, 1e9)).toBe('<0.01%');
  expect(formatShare(5, 5)).toBe('100%');
  expect(formatShare(0, 5)).toBe('0%');
  expect(formatShare(0, 0)).toBe('0%');
});
