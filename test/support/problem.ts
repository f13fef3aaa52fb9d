import { expect } from 'vitest';
import type { ErrorCode } from '../../src/core/base/error-codes.ts';
import { KernelscopeError } from '../../src/core/base/kernelscope-error.ts';

/** Runs what must fail with a user's problem, and gives that problem; any other error fails the test. */
export function problemOf(run: () => unknown): KernelscopeError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelscopeError);
    return error as KernelscopeError;
  }
  throw new Error('expected a KernelscopeError, and nothing was thrown');
}

/** As `problemOf`, of what fails later. */
export async function problemOfAsync(promise: Promise<unknown>): Promise<KernelscopeError> {
  const error = await promise.then(
    () => new Error('expected a KernelscopeError, and nothing was thrown'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof KernelscopeError)) throw error;
  return error;
}

/** Checks the code of a problem, and that its message says each of these. */
export function expectProblem(problem: KernelscopeError, code: ErrorCode, ...says: readonly string[]): void {
  expect({ code: problem.code, message: problem.message }).toMatchObject({ code });
  for (const text of says) expect(problem.message).toContain(text);
}
