import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSampleDatabase } from '../../../scripts/sample-database.ts';
import { binary, buildIfStale, type Ended } from './run-binary.ts';

// The SQLite add-on has to come out of the binary into a real file before a database can be opened. These tests mount
// things over the folders for that, where only their own processes see it, and leave nothing on the machine.
const canMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

let folder: string;
beforeAll(async () => {
  buildIfStale();
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-binary-'));
  await makeSampleDatabase(join(folder, 'sample.db'));
}, 170_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Counts the records of a database by the binary, among mounts; `env` is all of its environment. */
function countAmong(mounts: readonly string[], env: Readonly<Record<string, string>>): Ended {
  const script = [
    'mount -t tmpfs tmpfs /mnt',
    `cp '${binary}' '${folder}/sample.db' /mnt`,
    'mount -t tmpfs -o noexec tmpfs /run',
    'mount -t tmpfs -o noexec tmpfs /var/cache',
    ...mounts,
    'cd /mnt',
    `exec env -i ${Object.entries(env)
      .map((pair) => pair.join('='))
      .join(' ')} ./kernelscope query --sqlite sample.db --format ndjson`,
  ];
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-ec', script.join('\n')], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { exitCode: status, stdout, stderr };
}

const tmpIsUsable = 'mount -t tmpfs tmpfs /tmp';
const tmpIsNoexec = 'mount -t tmpfs -o noexec tmpfs /tmp';

describe.skipIf(!canMount)('the SQLite add-on is extracted (skipped where this may not mount)', () => {
  test.each([
    { where: 'HOME is unset', mounts: [tmpIsUsable], env: {} },
    { where: 'HOME cannot hold a folder', mounts: [tmpIsUsable], env: { HOME: '/proc' } },
    { where: 'HOME is no folder', mounts: [tmpIsUsable], env: { HOME: '/dev/null' } },
    {
      where: 'HOME is read-only',
      mounts: [tmpIsUsable, 'mkdir /mnt/home', 'mount -t tmpfs -o ro tmpfs /mnt/home'],
      env: { HOME: '/mnt/home' },
    },
    {
      where: 'HOME is mounted noexec',
      mounts: [tmpIsUsable, 'mkdir /mnt/home', 'mount -t tmpfs -o noexec tmpfs /mnt/home'],
      env: { HOME: '/mnt/home' },
    },
    { where: '/tmp is mounted noexec', mounts: [tmpIsNoexec, 'mkdir /mnt/home'], env: { HOME: '/mnt/home' } },
    {
      where: 'KERNELSCOPE_CACHE names the only folder',
      mounts: [tmpIsNoexec, 'mkdir /mnt/cache'],
      env: { KERNELSCOPE_CACHE: '/mnt/cache' },
    },
  ])('where $where', ({ mounts, env }) => {
    const { exitCode, stdout, stderr } = countAmong(mounts, env);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(200);
  });

  test('where no folder will do, it names each, the reason and the remedy', () => {
    const { exitCode, stdout, stderr } = countAmong([tmpIsNoexec], {});
    expect({ exitCode, stdout }).toEqual({ exitCode: 77, stdout: '' });
    expect(stderr).toContain('/var/cache/kernelscope: the file system is mounted noexec');
    expect(stderr).toContain('/tmp/kernelscope-0: the file system is mounted noexec');
    expect(stderr).toContain('KERNELSCOPE_CACHE');
  });
});
