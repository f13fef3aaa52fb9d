import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../../src/commands/manifest.json' with { type: 'json' };
import { projectRoot } from '../../support/read-module.ts';

const folder = join(projectRoot, 'systemd');
const units = readdirSync(folder).filter((name) => name.endsWith('.service'));
const read = (unit: string) => readFileSync(join(folder, unit), 'utf8');
const settings = (unit: string) =>
  read(unit)
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
const valuesOf = (unit: string, name: string) =>
  settings(unit).flatMap(([key, value]) => (key === name ? [value] : []));

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.skipIf(!hasSystemd)(
  `systemd units${hasSystemd ? '' : ' (skipped: there is no systemd-analyze)'}`,
  () => {
    let copies: string;

    // The program is not installed where the units look for it.
    beforeAll(() => {
      copies = mkdtempSync(join(tmpdir(), 'kernelscope-units-'));
      for (const unit of units)
        writeFileSync(join(copies, unit), read(unit).replaceAll('/usr/bin/kernelscope', process.execPath));
    });
    afterAll(() => rmSync(copies, { recursive: true, force: true }));

    const analyze = (...args: readonly string[]) =>
      spawnSync('systemd-analyze', args, { encoding: 'utf8', cwd: copies, timeout: 100_000 });

    const verify = (unit: string) => analyze('verify', '--man=no', '--recursive-errors=no', `./${unit}`);

    test.each(units)('%s is understood by systemd, to the last setting', (unit) => {
      const { status, stderr } = analyze('verify', '--man=no', `./${unit}`);
      expect([status, stderr]).toEqual([0, '']);
    });

    test('a setting that systemd does not know is told by that', () => {
      writeFileSync(join(copies, 'wrong.service'), `${read(units[0]!)}\n[Service]\nProtectEverything=yes\n`);
      expect(verify('wrong.service').stderr).toContain('ProtectEverything');
    });

    // Tenths of what systemd-analyze calls exposure: 0 is none, 100 is a service with no restriction at all.
    test.each(units)('%s lets in little', (unit) => {
      const threshold = unit.includes('trace') ? 30 : 15;
      const { status, stdout, stderr } = analyze(
        'security',
        '--offline=true',
        '--no-pager',
        `--threshold=${threshold}`,
        `./${unit}`,
      );
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    });
  },
);

describe('the units', () => {
  test('are there for the tracer, the logger, and both services in one', () => {
    expect(units.toSorted()).toEqual([
      'kernelscope-logger.service',
      'kernelscope-trace@.service',
      'kernelscope.service',
    ]);
  });

  test.each(units)('%s runs commands that there are, with flags that they have', (unit) => {
    const lines = [...valuesOf(unit, 'ExecStartPre'), ...valuesOf(unit, 'ExecStart')];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const [program, ...words] = line.replace('%i', 'offcpu').split(' ');
      expect(program).toBe('/usr/bin/kernelscope');
      const end = words.findIndex((word) => /^[-$]/.test(word));
      const id = words.slice(0, end < 0 ? undefined : end).join(':');
      const command = (manifest.commands as Record<string, { flags: object }>)[id];
      expect([line, command]).toEqual([line, expect.anything()]);
      for (const word of words.filter((part) => part.startsWith('--')))
        expect(Object.keys(command!.flags)).toContain(word.slice(2));
    }
  });

  test('that trace have the three capabilities, and nothing that takes them or hides what they are for', () => {
    const unit = 'kernelscope-trace@.service';
    for (const name of ['AmbientCapabilities', 'CapabilityBoundingSet'])
      expect(valuesOf(unit, name)).toEqual(['CAP_BPF CAP_PERFMON CAP_SYSLOG']);
    const names = settings(unit).map(([name]) => name);
    for (const name of [
      'ProtectKernelTunables',
      'ProtectKernelLogs',
      'PrivateUsers',
      'ProtectProc',
      'ProcSubset',
    ])
      expect(names).not.toContain(name);
    expect(valuesOf(unit, 'SystemCallFilter').join(' ')).toMatch(/\bbpf perf_event_open\b/);
  });

  test.each(units)('%s has its token as a credential, and folders of its own; JavaScript can run', (unit) => {
    expect(valuesOf(unit, 'LoadCredential')).toEqual(['token:/etc/kernelscope/token']);
    for (const name of ['StateDirectory', 'CacheDirectory']) expect(valuesOf(unit, name)).toHaveLength(1);
    expect(valuesOf(unit, 'MemoryDenyWriteExecute')).toEqual([]);
  });
});
