import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few megabytes, gone at the end of the block. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Gives up the half of it that was taken from the start. */
  makeRoom(): void;
}

/** Says why no small file system can be mounted here; undefined where one can. */
export function whyNoSmallDisk(): string | undefined {
  try {
    mountSmallDisk(1)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Mounts a tmpfs of that many MiB, half of it taken. */
export function mountSmallDisk(sizeMiB: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'kernelscope-disk-'));
  const { status, stderr } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'kernelscope-test', path],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    rmdirSync(path);
    throw new Error(`no tmpfs can be mounted: ${stderr?.trim() || 'there is no mount'}`);
  }
  const ballast = join(path, 'ballast');
  writeFileSync(ballast, Buffer.alloc(sizeMiB * 512 * 1024, 1));
  return {
    path,
    makeRoom: () => rmSync(ballast),
    [Symbol.dispose]: () => {
      // Lazy: what still has a file open there, because its test failed, must not keep it mounted.
      spawnSync('umount', ['--lazy', path]);
      rmdirSync(path);
    },
  };
}
