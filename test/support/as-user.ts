import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { projectRoot } from './read-module.ts';

/** What `setpriv` makes an ordinary user of: nobody, in no group. */
export const nobody: readonly string[] = userOf(65534);

/**
 * Gives the command line that runs `command` as another user; root alone may run it. `user` are arguments of `setpriv`.
 * That user reaches `root` even where a folder above it is closed to others, as root's home is: in a mount namespace of
 * the command's own, that folder holds nothing but `root`.
 */
export function asUser(
  user: readonly string[],
  command: readonly string[],
  root: string = projectRoot,
): readonly string[] {
  const asked = ['setpriv', ...user, '--', ...command];
  const closed = foldersAbove(root).find((folder) => (statSync(folder).mode & 0o001) === 0);
  if (closed === undefined) return asked;
  const script = `exec 3<"$2" && mount -t tmpfs -o mode=755 tmpfs "$1" && mkdir -p "$2" &&
    mount --no-canonicalize --bind /proc/self/fd/3 "$2" && exec 3<&- && shift 2 && exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', closed, root, ...asked];
}

/** Gives the arguments of `setpriv` for a user and the group of the same number. */
export function userOf(uid: number): readonly string[] {
  return [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}

/** The folders that a path goes through, from the root on. */
function foldersAbove(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [...foldersAbove(above), path];
}
