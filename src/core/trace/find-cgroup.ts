import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** Where cgroups of version 2 are mounted: alone, or beside those of version 1. */
const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/**
 * Finds the folder of a cgroup of version 2 by its path: a folder as it is, or, as `systemctl` and /proc/PID/cgroup write
 * it, one below where cgroups are mounted. Throws `usage` where there is none.
 */
export function findCgroup(path: string, folders: readonly string[] = mounts): string {
  const candidates = [resolve(path), ...folders.map((folder) => join(folder, path))];
  // Version 1 has this file in the folders of its controllers only.
  const found = candidates.find((folder) => existsSync(join(folder, 'cgroup.controllers')));
  if (found !== undefined) return realpathSync(found);
  throw new KernelscopeError('usage', `there is no cgroup of version 2 at '${path}'`, {
    suggestions: [
      'name its folder, such as /sys/fs/cgroup/system.slice/ssh.service, or its path below that: see systemd-cgls',
    ],
  });
}
