import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp, parseTimestampUs } from '../../../src/core/base/timestamp.ts';

const anyTimeUs = fc.maxSafeInteger().filter((timeUs) => timeUs !== 0 || Object.is(timeUs, 0));

test('every microsecond that a double can count survives being printed and read', () => {
  fc.assert(
    fc.property(anyTimeUs, (timeUs) => {
      expect(parseTimestampUs(formatTimestamp(timeUs))).toBe(timeUs);
    }),
    { numRuns: 1000 },
  );
});

test('printed times sort as the times do', () => {
  fc.assert(
    fc.property(anyTimeUs, anyTimeUs, (a, b) => {
      expect(formatTimestamp(a) < formatTimestamp(b)).toBe(a < b);
    }),
  );
});

test('an offset moves a time by just that', () => {
  const anyOffset = fc.record({ sign: fc.constantFrom(1, -1), hours: fc.nat(23), minutes: fc.nat(59) });
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), anyOffset, (timeUs, { sign, hours, minutes }) => {
      const local = formatTimestamp(timeUs + sign * (hours * 60 + minutes) * 60_000_000);
      const offset = [hours, minutes].map((part) => String(part).padStart(2, '0')).join(':');
      expect(parseTimestampUs(local.replace('Z', `${sign < 0 ? '-' : '+'}${offset}`))).toBe(timeUs);
    }),
  );
});
