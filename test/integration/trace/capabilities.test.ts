import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import { asUser, nobody } from '../../support/as-user.ts';
import { projectRoot } from '../../support/read-module.ts';
import { plainEnvironment } from '../../support/run-command.ts';
import { cannotTrace, titleOf } from '../bpf/support.ts';

const three = '+bpf,+perfmon,+syslog';
/** As `AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG` in a unit, with nothing else to be had. */
const capable = [...nobody, `--inh-caps=${three}`, `--ambient-caps=${three}`, `--bounding-set=-all,${three}`];

function runAs(user: readonly string[], ...args: readonly string[]) {
  const [program = '', ...rest] = asUser(user, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(projectRoot, 'bin/dev.js'),
    ...args,
  ]);
  return spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: 100_000,
    cwd: tmpdir(),
    env: { ...plainEnvironment, NODE_COMPILE_CACHE: '' },
    maxBuffer: 2 ** 28,
  });
}

describe.skipIf(cannotTrace)(titleOf('an ordinary user with CAP_BPF, CAP_PERFMON and CAP_SYSLOG'), () => {
  test('is told by the doctor that every program can be traced', () => {
    const { status, stdout, stderr } = runAs(capable, 'doctor', '--json');
    const { canTrace, checks, programs } = JSON.parse(stdout);
    expect([status, stderr, canTrace]).toEqual([0, '', true]);
    expect(checks.find(({ name }: { name: string }) => name === 'capabilities').finding).toBe(
      'user 65534 with CAP_SYSLOG CAP_PERFMON CAP_BPF',
    );
    expect(programs.map(({ name }: { name: string }) => name)).toEqual(tracePrograms.map(({ name }) => name));
  });

  test.each(['offcpu', 'oncpu'])('traces %s, with the names of kernel functions', (program) => {
    // Whatever else goes on, something runs and something waits.
    const busy = spawn('sh', [
      '-c',
      'while :; do i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; sleep 0.01; done',
    ]);
    onTestFinished(() => void busy.kill('SIGKILL'));
    const { status, stdout, stderr } = runAs(capable, 'trace', program, '--ndjson', '--duration', '1s');
    expect([status, stderr]).toEqual([0, '']);
    const stacks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).stack as string);
    expect(stacks.length).toBeGreaterThan(0);
    if (program === 'offcpu') expect(stacks.join('\n')).toMatch(/;schedule;__schedule$/m);
  });
});

describe.skipIf(cannotTrace)(titleOf('an ordinary user'), () => {
  test('is told by the doctor what is missing, and how to get it, with 1', () => {
    const { status, stdout } = runAs(nobody, 'doctor');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^missing +capabilities .*\n.*sudo kernelscope/m);
    expect(stdout).toContain('AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG');
    expect(stdout).toMatch(/^cannot +offcpu +for want of: capabilities/m);
  });

  test('who asks for what is no program is told which there are, with 2', () => {
    const { status, stderr } = runAs(nobody, 'doctor', 'offcpuu');
    expect([status, stderr]).toEqual([2, expect.stringContaining("did you mean 'offcpu'?")]);
  });
});
