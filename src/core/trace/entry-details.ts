import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { HelperEntry } from './parse-helper-output.ts';

/** Gives a text that a program's entries carry beside what all have. Throws `helper_failed` where it is not there. */
export function textDetail(entry: HelperEntry, name: string): string {
  const value = entry.details?.[name];
  if (typeof value === 'string') return value;
  throw lacking(name);
}

/** Gives a text that entries carry only where it was asked for. */
export function optionalTextDetail(entry: HelperEntry, name: string): string | undefined {
  return entry.details?.[name] === undefined ? undefined : textDetail(entry, name);
}

/** Gives a whole number that a program's entries carry. Throws `helper_failed` where it is not there. */
export function numberDetail(entry: HelperEntry, name: string): number {
  const value = entry.details?.[name];
  if (typeof value === 'number') return value;
  throw lacking(name);
}

function lacking(name: string): KernelscopeError {
  return new KernelscopeError('helper_failed', `an entry from the trace helper has no '${name}'`, {
    suggestions: ['the helper belongs to another version of kernelscope: build or install both again'],
  });
}
