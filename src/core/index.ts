/** The public API of kernelscope as a library; the commands use nothing else. */
export { type ErrorCode, errorCodes } from './base/error-codes.ts';
export { KernelscopeError } from './base/kernelscope-error.ts';
export { suggestNames } from './base/names.ts';
export { printable } from './base/printable.ts';
