import { dirname } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { makeFolders } from '../files/make-folders.ts';
import type { ChosenLocation } from './locate-store.ts';

/** Makes the folder of the database that nobody named; one that was named must be there. Throws `permission_denied`. */
export function makeDefaultFolder(location: ChosenLocation): void {
  if (!location.isDefault) return;
  const folder = dirname(location.address);
  try {
    makeFolders(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KernelscopeError('permission_denied', `the folder ${folder} cannot be made (${code})`, {
      suggestions: ['name a file where this user may write: --sqlite FILE, or $KERNELSCOPE_DB'],
      cause: error,
    });
  }
}
