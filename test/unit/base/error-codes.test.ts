import { expect, test } from 'vitest';
import { type ErrorCode, errorCodes } from '../../../src/core/base/error-codes.ts';
import { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';

test.each(Object.entries(errorCodes))('%s has an exit code and a status that are documented', (_, entry) => {
  expect([1, 2, 3, 69, 77]).toContain(entry.exitCode);
  expect([400, 401, 403, 404, 405, 409, 413, 415, 429, 503, 504]).toContain(entry.httpStatus);
  expect(entry.meaning).toMatch(/^[A-Z].*\.$/);
});

test('what may pass by itself is 69 to scripts and 429 or 503 to clients', () => {
  const transient: readonly ErrorCode[] = [
    'queue_full',
    'database_locked',
    'database_full',
    'service_unavailable',
  ];
  for (const code of transient) {
    expect(errorCodes[code].exitCode).toBe(69);
    expect([429, 503]).toContain(errorCodes[code].httpStatus);
  }
});

test('an error keeps its code, its suggestions and what caused it', () => {
  const cause = new Error('below');
  const error = new KernelscopeError('bad_value', 'message', { suggestions: ['remedy'], cause });
  expect(error).toMatchObject({ name: 'KernelscopeError', code: 'bad_value', message: 'message', cause });
  expect(error.suggestions).toEqual(['remedy']);
  expect(new KernelscopeError('usage', 'm').suggestions).toEqual([]);
  expect('cause' in new KernelscopeError('usage', 'm')).toBe(false);
});
