import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { parseAnswer, readFrames } from '../../../src/core/trace/user-stack-names.ts';

describe('an answer of what names user frames', () => {
  test('is folded root first', () => {
    expect(readFrames(parseAnswer('{"type":"frames","frames":["read","work","main"]}'))).toBe(
      'main;work;read',
    );
  });

  test('that has no frame reads [unknown]', () => {
    expect(readFrames(parseAnswer('{"type":"frames","frames":[]}'))).toBe('[unknown]');
  });

  test.each([
    '',
    'null',
    '[]',
    '7',
    '{"type":"frames"',
    '{"type":"done"}',
    '{"type":"frames","frames":"main"}',
    '{"type":"frames","frames":[7]}',
    '{"type":"frames","frames":[""]}',
    '{"type":"frames","frames":["a;b"]}',
    '{"type":"frames","frames":["a\\nb"]}',
  ])('%s is refused', (line) => {
    expect(() => readFrames(parseAnswer(line))).toThrow(expect.objectContaining({ code: 'helper_failed' }));
  });

  test('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
        try {
          expect(readFrames(parseAnswer(line))).toEqual(expect.any(String));
        } catch (error) {
          expect(error).toBeInstanceOf(KernelscopeError);
        }
      }),
    );
  });
});
