import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asUser, nobody } from '../support/as-user.ts';
import { projectRoot } from '../support/read-module.ts';
import { temporaryFolder } from '../support/test-database.ts';

const isRoot = process.getuid?.() === 0;
const canTrace = isRoot && existsSync('/sys/kernel/btf/vmlinux');

/** What the README's first command does once everything is built. */
function demo(folder: string, user?: readonly string[]) {
  const command = [process.execPath, join(projectRoot, 'scripts/demo.ts'), folder];
  const [program = '', ...args] = user === undefined ? command : asUser(user, command);
  return spawnSync(program, args, { cwd: tmpdir(), encoding: 'utf8', timeout: 110_000 });
}

test.skipIf(!canTrace)(
  `the demo traces this machine${canTrace ? '' : ' (skipped: tracing needs root and BTF)'}`,
  async () => {
    const folder = join(await temporaryFolder(), 'demo');
    const { status, stdout, stderr } = demo(folder);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain('$ kernelscope trace offcpu --logger http://');
    expect(stdout).toMatch(/process +pid +elapsed +stack/);
    expect(stdout).toContain('Heaviest stacks');
    expect(stdout).not.toContain('replay');
    expect(readFileSync(join(folder, 'offcpu.svg'), 'utf8')).toContain('schedule');
  },
);

test.skipIf(!isRoot)(
  `the demo says why it cannot trace, and replays a recording${isRoot ? '' : ' (skipped: takes root to become another user)'}`,
  async () => {
    const parent = await temporaryFolder();
    chownSync(parent, 65534, 65534);
    const folder = join(parent, 'demo');
    const { status, stdout, stderr } = demo(folder, nobody);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/This machine cannot be traced:\n +.*(root|CAP_BPF)/);
    expect(stdout).toContain('real stacks, recorded on another machine');
    expect(stdout).toContain('14,899 records replayed');
    expect(stdout).toMatch(/process +pid +elapsed +stack/);
    expect(readFileSync(join(folder, 'offcpu.svg'), 'utf8')).toContain('schedule');
  },
);
