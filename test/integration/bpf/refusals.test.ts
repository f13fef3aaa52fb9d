import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placeAsset } from '../../../src/core/assets/extract-asset.ts';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import { whyCannotTrace } from '../../../src/core/trace/why-cannot-trace.ts';
import { cannotTrace, helperPath, runHelper, titleOf } from './support.ts';

let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'kernelscope-refusals-')));
  chmodSync(folder, 0o755);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(cannotTrace)(titleOf('the helper refuses, in a line of JSON and by its exit code'), () => {
  test.each([
    [[], 'usage', 2],
    [['nosuch'], 'usage', 2],
    [['offcpu', '--nosuch'], 'usage', 2],
    [['offcpu', '--nosuch', '1'], 'usage', 2],
    [['offcpu', '--pid'], 'usage', 2],
    [['offcpu', '--pid', '-1'], 'usage', 2],
    [['offcpu', '--pid', '99999999999999999999999'], 'usage', 2],
    [['offcpu', '--min-ns', '1ms'], 'usage', 2],
    [['offcpu', '--threads', 'green'], 'usage', 2],
    [['offcpu', '--max-entries', '0'], 'usage', 2],
    [['offcpu', '--comm', 'x'.repeat(64)], 'usage', 2],
    [['offcpu', '--btf', '/nowhere'], 'no_btf', 69],
    [['offcpu', '--btf', '/etc/hostname'], 'no_btf', 69],
  ])('%j', async (args, code, exitCode) => {
    const { messages, exitCode: actual } = await runHelper(args);
    expect(messages).toEqual([{ type: 'error', code, message: expect.any(String) }]);
    expect(actual).toBe(exitCode);
  });

  test('to trace for a user without the capabilities', async () => {
    const path = join(folder, 'helper');
    copyFileSync(helperPath, path);
    chmodSync(path, 0o755);
    const { messages, exitCode } = await runHelper(['offcpu'], { path, uid: 65534 });
    expect(messages).toEqual([
      { type: 'error', code: 'permission', message: expect.stringContaining('CAP_BPF and CAP_PERFMON') },
    ]);
    expect(exitCode).toBe(77);
  });

  test('what is no command', async () => {
    const { messages, exitCode } = await runHelper(['offcpu'], { input: 'f\nx\nf\n' });
    expect(messages.map(({ type }) => type)).toEqual(['ready', 'flush', 'error']);
    expect(messages.at(-1)).toMatchObject({ code: 'command', message: expect.stringContaining('0x78') });
    expect(exitCode).toBe(2);
  });

  test('whatever its input, it answers every flush up to the first byte that is no command', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('f', 'f', '\n', ' ', '\r', 'q', '\0', 'x', 'é'), maxLength: 12 }),
        async (input) => {
          const { messages, exitCode } = await runHelper(['offcpu', '--comm', 'nobody'], { input });
          const understood = /^[f \r\n]*q?/.exec(input)?.[0] ?? '';
          const expected = ['ready', ...understood.replace(/[ \r\n]/g, '')].map((command) =>
            command === 'ready' ? 'ready' : 'flush',
          );
          const isEnded = understood.endsWith('q') || understood === input;
          expect(messages.map(({ type }) => type)).toEqual(isEnded ? expected : [...expected, 'error']);
          expect(exitCode).toBe(isEnded ? 0 : 2);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe.skipIf(cannotTrace)(titleOf('on a host that can trace'), () => {
  test('nothing is in the way', async () => {
    expect(await whyCannotTrace(offcpu)).toEqual([]);
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)(
  isRoot ? 'a folder mounted noexec' : 'a folder mounted noexec (skipped: needs root)',
  () => {
    let mount = '';

    beforeEach(() => {
      mount = join(folder, 'noexec');
      mkdirSync(mount, { mode: 0o700 });
    });

    afterEach(() => {
      spawnSync('umount', [mount]);
    });

    test.each([true, false])('is passed over, for a program and for a library: %s', (executable) => {
      const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'noexec,mode=0700', 'none', mount]);
      expect(status, String(stderr)).toBe(0);
      const script = Buffer.from('#!/bin/sh\n');
      expect(() => placeAsset('tool', script, { executable, folders: [mount] })).toThrow(
        expect.objectContaining({
          message: expect.stringContaining(`${mount}: the file system is mounted noexec`),
        }),
      );
      const good = join(folder, 'good');
      expect(placeAsset('tool', script, { executable, folders: [mount, good] })).toMatch(`${good}/`);
    });

    test.each([
      ['ro', 'read-only'],
      ['size=4k', 'the disk is full'],
    ])('and so is one mounted with %s', (option, reason) => {
      const { status, stderr } = spawnSync('mount', [
        '-t',
        'tmpfs',
        '-o',
        `${option},mode=0700`,
        'none',
        mount,
      ]);
      expect(status, String(stderr)).toBe(0);
      const bytes = Buffer.alloc(100_000, '#!/bin/sh\n');
      expect(() => placeAsset('tool', bytes, { executable: true, folders: [mount] })).toThrow(reason);
    });

    test('a file that is no program is not taken for one', () => {
      const bytes = Buffer.from('\x7fELF nonsense');
      expect(() => placeAsset('tool', bytes, { executable: true, folders: [folder] })).toThrow(
        /cannot be run/,
      );
    });
  },
);
