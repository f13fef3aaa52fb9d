import type { ErrorCode } from './error-codes.ts';

/** A user's problem: names the thing, the place and, in `suggestions`, the remedy. Anything else thrown is a bug. */
export class KernelscopeError extends Error {
  readonly code: ErrorCode;
  readonly suggestions: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly suggestions?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KernelscopeError';
    this.code = code;
    this.suggestions = options.suggestions ?? [];
  }
}
