import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder and those above it, where they are missing. Throws the system's error. */
export function makeFolders(folder: string, mode = 0o777): void {
  // Not by mkdir's `recursive`: under /proc Node 24 never returns from that.
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (folder !== dirname(folder)) makeFolders(dirname(folder), mode);
  makeFolder(folder, mode);
}

/** Makes one folder, whose parent is there; another process may be faster. Throws the system's error. */
export function makeFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Where it is not there afterwards, looking at it says why; some file systems answer EROFS or EACCES before EEXIST.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && lstatSync(folder, { throwIfNoEntry: false }) === undefined) throw error;
  }
}
