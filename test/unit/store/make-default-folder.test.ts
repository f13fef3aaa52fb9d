import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDefaultFolder } from '../../../src/core/store/make-default-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kernelscope-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function locate(isDefault: boolean, ...path: readonly string[]) {
  return { backend: 'sqlite', address: join(...path, 'kernelscope.db'), isDefault } as const;
}

test('it makes the folder and those above it, once', () => {
  makeDefaultFolder(locate(true, root, 'a/b'));
  makeDefaultFolder(locate(true, root, 'a/b'));
  expect(existsSync(join(root, 'a/b'))).toBe(true);
});

test('it makes no folder for a file that was named', () => {
  makeDefaultFolder(locate(false, root, 'a'));
  expect(existsSync(join(root, 'a'))).toBe(false);
});

// Node 24 never returns from a recursive mkdir there.
test('it refuses where there can be no folder', () => {
  expect(() => makeDefaultFolder(locate(true, '/proc/no/such'))).toThrow(
    expect.objectContaining({
      code: 'permission_denied',
      message: 'the folder /proc/no/such cannot be made (ENOENT)',
    }),
  );
});

test('it refuses where a file is in the way', () => {
  writeFileSync(join(root, 'a'), '');
  expect(() => makeDefaultFolder(locate(true, root, 'a/b'))).toThrow(
    expect.objectContaining({ code: 'permission_denied' }),
  );
});
