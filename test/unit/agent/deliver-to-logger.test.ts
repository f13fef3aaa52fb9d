import { expect, test } from 'vitest';
import { readRetryAfter } from '../../../src/core/agent/deliver-to-logger.ts';

const nowMs = Date.UTC(2026, 0, 1);

test.each([
  [null, undefined],
  ['0', 0],
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
])('Retry-After: %s', (text, ms) => {
  expect(readRetryAfter(text, nowMs)).toBe(ms);
});
