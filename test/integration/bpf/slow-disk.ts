import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the workload keeps what it syncs. */
const FOLDER = '/var/tmp';

/**
 * Writes a second that the disk takes: each waits for some milliseconds, in which the thread does nothing. Of a thread that
 * works much the truth is not known: its CPU clock leaves out what the host of a virtual machine stole.
 */
const WRITES_PER_S = 200;

const controller = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('blkio'))?.[1];

/** The number of the disk that the workload writes to, such as 254:0; undefined where it is on none. */
function findDisk(): string | undefined {
  const { dev } = statSync(FOLDER);
  const number = `${(dev >>> 8) & 0xfff}:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`;
  const device = `/sys/dev/block/${number}`;
  if (!existsSync(device)) return undefined;
  const disk = existsSync(join(device, 'partition')) ? dirname(realpathSync(device)) : device;
  return readFileSync(join(disk, 'dev'), 'utf8').trim();
}

/** Why no disk can be made slow here; undefined where one can. */
export const whyNoSlowDisk =
  controller === undefined
    ? 'no blkio controller of cgroups of version 1 is mounted'
    : findDisk() === undefined
      ? `${FOLDER} is on no disk`
      : undefined;

/** Makes a cgroup for whose processes the disk is slow; gives its folder, and what removes it once it is empty. */
export function makeSlowDisk(): { readonly cgroup: string; readonly remove: () => void } {
  const cgroup = join(controller!, `kernelscope-slow-${process.pid}`);
  mkdirSync(cgroup, { recursive: true });
  writeFileSync(join(cgroup, 'blkio.throttle.write_iops_device'), `${findDisk()} ${WRITES_PER_S}`);
  return { cgroup, remove: () => rmdirSync(cgroup) };
}
