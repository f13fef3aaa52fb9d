import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';
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

/** Not by mkdir's `recursive`: under /proc Node 24 never returns from that. */
function makeFolders(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
