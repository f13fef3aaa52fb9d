import { describe, expect, test } from 'vitest';
import { formatTaskStates, parseTaskStates, RUNNABLE } from '../../../src/core/trace/task-states.ts';

describe('parseTaskStates', () => {
  test.each([
    ['D', 0x2],
    ['SD', 0x3],
    ['S,D', 0x3],
    ['R', RUNNABLE],
    ['0', RUNNABLE],
    ['2', 0x2],
    ['0x402', 0x402],
    ['I, 0x100', 0x500],
    ['tT', 0xc],
  ])('reads %s', (text, mask) => {
    expect(parseTaskStates(text)).toBe(mask);
  });

  test.each(['', 'd', 'Q', 'D,', '-1', '1e3', '0x1ffffffff', '99999999999', 'constructor'])(
    "refuses '%s' and lists the letters",
    (text) => {
      expect(() => parseTaskStates(text)).toThrow(
        expect.objectContaining({
          code: 'bad_value',
          suggestions: expect.arrayContaining([expect.stringContaining('R, S, D, T, t, P, I')]),
        }),
      );
    },
  );
});

describe('formatTaskStates', () => {
  test.each([
    [0x2001, 'S'],
    [0x102, 'D'],
    [0x402, 'I'],
    [RUNNABLE, 'R'],
    [0x3, 'SD'],
    [0x1000, '?'],
  ])('prints %i', (mask, letters) => {
    expect(formatTaskStates(mask)).toBe(letters);
  });
});
