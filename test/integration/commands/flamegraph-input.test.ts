import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope } from '../../support/run-command.ts';
import { temporaryFolder } from '../../support/test-database.ts';

const fixture = (name: string) => join(projectRoot, 'test/fixtures/stacks', name);

test('flamegraph tells what a file is from its beginning', async () => {
  const fromPerf = await kernelscope(['flamegraph', fixture('dd.perf-script'), '--format', 'folded']);
  expect(fromPerf.exitCode).toBe(0);
  expect(fromPerf.stdout).toMatch(/^dd;.*do_syscall_64 \d+$/m);
  const fromBpftrace = await kernelscope(['flamegraph', fixture('dd.bpftrace.json'), '--format', 'folded']);
  expect(fromBpftrace.exitCode).toBe(0);
  expect(fromBpftrace.stdout).toMatch(/vfs_read/);
});

test('flamegraph reads what it writes, gzipped too, and takes the unit that the file says', async () => {
  const folder = await temporaryFolder();
  const folded = 'a;b 5000000\na;c 2000000\n';
  const gzipped = join(folder, 'stacks.gz');
  writeFileSync(gzipped, gzipSync(folded));
  const profile = join(folder, 'profile.speedscope.json');
  const written = await kernelscope([
    'flamegraph',
    gzipped,
    '--unit',
    'ns',
    '--format',
    'speedscope',
    '--output',
    profile,
  ]);
  expect(written).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect((await kernelscope(['flamegraph', profile, '--format', 'folded'])).stdout).toBe(folded);
  expect((await kernelscope(['flamegraph', profile, '--format', 'text', '--width', '60'])).stdout).toContain(
    '7 ms',
  );
});

test('flamegraph says what is wrong with its input', async () => {
  const unknown = await kernelscope(['flamegraph', fixture('dd.perf-script'), '--input', 'perf-scrip']);
  expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
  expect(unknown.stderr).toContain("did you mean 'perf-script'?");
  const missing = await kernelscope(['flamegraph', '/nonexistent/file']);
  expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
  expect(missing.stderr).toContain('/nonexistent/file cannot be read');
  const wrong = await kernelscope(['flamegraph', '-', '--input', 'pprof'], { input: 'a;b 1\n' });
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  const empty = await kernelscope(['flamegraph', '-'], { input: '' });
  expect(empty).toMatchObject({ exitCode: 3, stdout: '' });
});
