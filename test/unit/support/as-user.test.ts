import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asUser, nobody } from '../../support/as-user.ts';

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  `another user reaches a project in a home that is closed${isRoot ? '' : ' (skipped: needs root)'}`,
  () => {
    const home = mkdtempSync(join(tmpdir(), 'kernelscope-home-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const project = join(home, 'deeper', 'project');
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'file'), 'of the project\n');
    writeFileSync(join(home, 'secret'), 'of the home\n');
    chmodSync(home, 0o700);
    const read = (...command: readonly string[]) => {
      const [program = '', ...args] = asUser(nobody, command, project);
      return execFileSync(program, args, { encoding: 'utf8', cwd: '/' });
    };
    expect(read('cat', join(project, 'file'))).toBe('of the project\n');
    expect(read('ls', home)).toBe('deeper\n');
    expect(read('id', '-u', '-z')).toBe('65534\0');
    // Where all folders are open, nothing is mounted.
    expect(asUser(nobody, ['true'], '/usr/share')[0]).toBe('setpriv');
  },
);
