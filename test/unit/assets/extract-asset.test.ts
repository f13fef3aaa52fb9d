import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheFolders, placeAsset } from '../../../src/core/assets/extract-asset.ts';

const script = Buffer.from('#!/bin/sh\nexit 0\n');
const isRoot = process.getuid?.() === 0;
let base = '';

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'kernelscope-extract-')));
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function place(...folders: readonly string[]): string {
  return placeAsset('bpf/tool', script, { executable: true, folders });
}

describe('placeAsset', () => {
  test('makes a file of the bytes that only its owner could change, and takes it again the next time', () => {
    const folder = join(base, 'cache/kernelscope');
    const path = place(folder);
    expect(readFileSync(path).equals(script)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o555);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { ino } = statSync(path);
    expect(place(folder)).toBe(path);
    expect(statSync(path).ino).toBe(ino);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('keeps versions apart and the extension at the end', () => {
    const options = { executable: false, folders: [base] };
    const one = placeAsset('native/addon.node', Buffer.from('one'), options);
    const two = placeAsset('native/addon.node', Buffer.from('two'), options);
    expect(one).not.toBe(two);
    expect(one).toMatch(/\/addon-[0-9a-f]{32}\.node$/);
  });

  test.each(['other bytes', script.toString().replace('0', '1')])(
    'replaces a planted file instead of using it: %j',
    (planted) => {
      const path = place(base);
      rmSync(path);
      writeFileSync(path, planted, { mode: 0o755 });
      expect(place(base)).toBe(path);
      expect(readFileSync(path).equals(script)).toBe(true);
    },
  );

  test('replaces a file with the right bytes that others can write to', () => {
    const path = place(base);
    chmodSync(path, 0o777);
    place(base);
    expect(statSync(path).mode & 0o777).toBe(0o555);
  });

  test('replaces a planted symbolic link and never writes through it', () => {
    const victim = join(base, 'victim');
    writeFileSync(victim, 'precious');
    const folder = join(base, 'cache');
    const path = place(folder);
    rmSync(path);
    symlinkSync(victim, path);
    expect(place(folder)).toBe(path);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  test.each([
    [
      'a folder that others can write to',
      (bad: string) => {
        mkdirSync(bad);
        chmodSync(bad, 0o777);
      },
      'others can write to it',
    ],
    ['a symbolic link to a folder', (bad: string) => symlinkSync(base, bad), 'it is a symbolic link'],
    ['a file in the place of the folder', (bad: string) => writeFileSync(bad, ''), 'it is not a folder'],
    [
      'a folder below one that others can write to',
      (bad: string) => {
        const above = join(base, 'open');
        mkdirSync(above);
        chmodSync(above, 0o777);
        mkdirSync(join(above, 'cache'));
        symlinkSync(above, bad);
      },
      'others can write to',
    ],
  ])('passes over %s', (_, plant, reason) => {
    const bad = join(base, 'bad');
    const good = join(base, 'good');
    plant(bad);
    const tried = reason === 'others can write to' ? join(bad, 'cache') : bad;
    expect(place(tried, good)).toMatch(`${good}/`);
    expect(() => place(tried)).toThrow(
      expect.objectContaining({
        code: 'permission_denied',
        message: expect.stringContaining(`${tried}: ${reason}`),
      }),
    );
  });

  test.runIf(isRoot)('passes over the folder of another user, who could change it at any time', () => {
    const home = join(base, 'home');
    mkdirSync(home);
    chownSync(home, 65534, 65534);
    expect(() => place(join(home, 'kernelscope'))).toThrow(/belongs to another user \(uid 65534\)/);
    expect(existsSync(join(home, 'kernelscope/tool'))).toBe(false);
  });

  test('names every folder that it tried and why it will not do', () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    const folders = ['relative', join(base, 'no/such/folder'), join(file, 'below'), '/proc/kernelscope'];
    expect(() => place(...folders)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /relative: the path is not absolute\n.*such\/folder: there is no such folder\n.*below: it is not a folder\n.*proc\/kernelscope: /s,
        ),
        suggestions: [expect.stringContaining('KERNELSCOPE_CACHE')],
      }),
    );
  });

  test('leaves no half file behind where what it would replace is a folder', () => {
    const path = place(base);
    rmSync(path);
    mkdirSync(path);
    expect(() => place(base)).toThrow(/is a folder/);
    expect(readdirSync(base)).toHaveLength(1);
  });
});

describe('cacheFolders', () => {
  test('come from the environment first, without what is not set', () => {
    expect(cacheFolders({ KERNELSCOPE_CACHE: '/own', XDG_CACHE_HOME: '', HOME: '/h' }).slice(0, 3)).toEqual([
      '/own',
      '/h/.cache/kernelscope',
      '/var/cache/kernelscope',
    ]);
    expect(cacheFolders({})[0]).toBe('/var/cache/kernelscope');
    expect(cacheFolders({ CACHE_DIRECTORY: '/unit:/other', HOME: '/' })[0]).toBe('/unit/assets');
  });
});
