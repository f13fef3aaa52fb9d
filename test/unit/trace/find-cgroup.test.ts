import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCgroup } from '../../../src/core/trace/find-cgroup.ts';

let mount = '';

/** Makes a folder that looks like a cgroup of version 2. */
function makeCgroup(...path: readonly string[]): string {
  const folder = join(mount, ...path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cgroup.controllers'), '');
  return folder;
}

beforeEach(() => {
  mount = realpathSync(mkdtempSync(join(tmpdir(), 'kernelscope-cgroup-')));
});

afterEach(() => {
  rmSync(mount, { recursive: true, force: true });
});

test.each(['system.slice/ssh.service', '/system.slice/ssh.service', 'system.slice//ssh.service/'])(
  'a path below the mount, %s, is found there',
  (path) => {
    const folder = makeCgroup('system.slice', 'ssh.service');
    expect(findCgroup(path, ['/nowhere', mount])).toBe(folder);
  },
);

test('a folder is taken as it is', () => {
  const folder = makeCgroup('user.slice');
  expect(findCgroup(folder, [])).toBe(folder);
});

test('a folder that is no cgroup of version 2, or none at all, is an error that says what to write', () => {
  mkdirSync(join(mount, 'cpu'));
  for (const path of ['cpu', join(mount, 'cpu'), 'nosuch', '']) {
    expect(() => findCgroup(path, [mount])).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(`'${path}'`) }),
    );
  }
});
