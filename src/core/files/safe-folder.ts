import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folders.ts';

/** Why one folder, or a file in it, will not do. */
export class Unusable extends Error {}

/**
 * Makes the folder and the one above it where they are missing, and gives its real path if nobody but this user and
 * root can put anything into it. Throws `Unusable`, and the system's error.
 */
export function safeFolder(folder: string): string {
  makeFolder(dirname(folder), 0o700);
  makeFolder(folder, 0o700);
  const own = lstatSync(folder);
  if (own.isSymbolicLink()) throw new Unusable('it is a symbolic link');
  if (!own.isDirectory()) throw new Unusable('it is not a folder');
  const real = realpathSync(folder);
  checkOwner(own, real);
  if ((own.mode & 0o022) !== 0) throw new Unusable('others can write to it');
  // Whoever can write to a folder above could put another in its place, unless it is sticky.
  for (let above = dirname(real); ; above = dirname(above)) {
    const stats = statSync(above);
    checkOwner(stats, above);
    if ((stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0) {
      throw new Unusable(`others can write to ${above}`);
    }
    if (above === dirname(above)) return real;
  }
}

function checkOwner(stats: Stats, path: string): void {
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) {
    throw new Unusable(`${path} belongs to another user (uid ${stats.uid})`);
  }
}

/** Says in words why a file or folder will not do, of what was thrown; throws again what is neither `Unusable` nor the system's. */
export function whyUnusable(error: unknown): string {
  if (error instanceof Unusable) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || syscall === undefined) throw error;
  return describeErrno(code);
}

/** Says in words what an error code of the system means for a folder. */
export function describeErrno(code: string): string {
  const meanings: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    EROFS: 'the file system is read-only',
    ENOENT: 'there is no such folder',
    ENOTDIR: 'it is not a folder',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ELOOP: 'it is a symbolic link',
    EIO: 'the disk fails',
  };
  return meanings[code] ?? code;
}
