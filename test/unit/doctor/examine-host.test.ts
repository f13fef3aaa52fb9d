import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examineHost } from '../../../src/core/doctor/examine-host.ts';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import type { TraceNeeds } from '../../../src/core/trace/missing-needs.ts';
import type { TraceProgram } from '../../../src/core/trace/trace-program.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kernelscope-host-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const allCapabilities = '000001ffffffffff';
const status = (uid: number, effective: string, ambient = '0000000000000000') =>
  `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t100\t100\t100\t100\nCapEff:\t${effective}\nCapAmb:\t${ambient}\n`;
const types = (...tracepoints: readonly string[]) =>
  `\u009f\u00eb\u0001\0\0int\0${tracepoints.map((name) => `btf_trace_${name}\0`).join('')}`;

/** A host where root can trace what needs no more than `sched_switch`. */
const able: Readonly<Record<string, string>> = {
  'proc/self/status': status(0, allCapabilities),
  'proc/self/limits': 'Limit  Soft Limit  Hard Limit  Units\nMax locked memory  65536  65536  bytes\n',
  'proc/kallsyms': 'ffffffff81000000 T _text\nffffffff81000100 T schedule\n',
  'proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
  'proc/sys/kernel/perf_event_paranoid': '3\n',
  'proc/sys/kernel/kptr_restrict': '1\n',
  'proc/sys/kernel/unprivileged_bpf_disabled': '2\n',
  'sys/kernel/btf/vmlinux': types('sched_switch', 'sched_waking'),
  'sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
};

const programOf = (needs: TraceNeeds = {}): TraceProgram => ({ ...tracePrograms[0]!, needs });

/**
 * Examines a host that differs from the able one; null stands for a file that is not there. The helper is this machine's,
 * which may not be built, and is left out.
 */
async function examine(changes: Readonly<Record<string, string | null>>, program = programOf()) {
  for (const [path, text] of Object.entries({ ...able, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  }
  const { checks, programs } = await examineHost([program], root);
  const verdict = programs[0]!;
  const missing = verdict.missing.filter((name) => name !== 'helper');
  const check = (name: string) => checks.find((candidate) => candidate.name === name);
  const remedies = checks.filter(({ name }) => name !== 'helper').flatMap((found) => found.remedies);
  return { missing, verdict, check, remedies: remedies.join('\n') };
}

describe('a host', () => {
  test('that has everything can trace, and lacks nothing', async () => {
    const { missing, check, remedies } = await examine(
      {},
      programOf({ tracepoints: ['sched_switch'], perfEvents: true }),
    );
    expect([missing, remedies]).toEqual([[], '']);
    expect(check('kernel')?.finding).toContain('6.1.0-18-amd64');
    expect(check('capabilities')).toMatchObject({
      status: 'ok',
      finding: expect.stringContaining('CAP_BPF'),
    });
  });

  test.each([
    ['btf', { 'sys/kernel/btf/vmlinux': null }, 'CONFIG_DEBUG_INFO_BTF=y'],
    ['kernel', { 'proc/sys/kernel/osrelease': '5.4.0-91-generic' }, '5.8 or newer'],
    [
      'capabilities',
      { 'proc/self/status': status(1000, '0') },
      'AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG',
    ],
    [
      'capabilities',
      { 'proc/self/status': status(1000, '0') },
      'setpriv --reuid=1000 --regid=100 --init-groups --inh-caps',
    ],
    ['capabilities', { 'proc/self/status': status(0, '00000000a80425fb') }, '--privileged'],
    ['symbols', { 'proc/kallsyms': '0000000000000000 T _text\n' }, 'AmbientCapabilities=CAP_SYSLOG'],
    ['symbols', { 'proc/kallsyms': null }, 'CONFIG_KALLSYMS'],
    [
      'lockdown',
      { 'sys/kernel/security/lockdown': 'none integrity [confidentiality]' },
      'lockdown=integrity',
    ],
  ] as const)('that lacks one thing is told which, and how to get it: %s', async (name, changes, remedy) => {
    const { missing, verdict, check, remedies } = await examine(changes);
    expect(missing).toEqual([name]);
    expect(verdict.canTrace).toBe(false);
    expect(check(name)).toMatchObject({ status: 'missing' });
    expect(remedies).toContain(remedy);
  });

  test('that lacks everything is told of all of it, and nothing is thrown', async () => {
    const nothing = Object.fromEntries(Object.keys(able).map((path) => [path, null]));
    const { missing, verdict } = await examine(
      nothing,
      programOf({ tracepoints: ['sched_switch'], perfEvents: true }),
    );
    expect(missing).toEqual(['btf', 'symbols']);
    expect(verdict.obstacles).toEqual([]);
  });

  test('locked down for integrity alone can trace', async () => {
    const { missing, check } = await examine({
      'sys/kernel/security/lockdown': 'none [integrity] confidentiality',
    });
    expect([missing, check('lockdown')?.status]).toEqual([[], 'ok']);
  });
});

describe('what a program needs', () => {
  test.each([
    [{ tracepoints: ['sched_switch', 'sched_waking'] }, []],
    [{ tracepoints: ['sched_switch', 'block_io_start'] }, ['tracepoint']],
    [{ tracepoints: [['block_io_start', 'sched_switch']] }, []],
    [{ tracepoints: [['block_io_start', 'block_rq_insert']] }, ['tracepoint']],
    // A longer name is another tracepoint.
    [{ tracepoints: ['sched'] }, ['tracepoint']],
    [{ perfEvents: true }, []],
  ] as const)('tracepoints are looked for by their whole names: %j', async (needs, missing) => {
    expect((await examine({}, programOf(needs))).missing).toEqual(missing);
  });

  test('is said by name, where it is not there', async () => {
    const { verdict } = await examine(
      {},
      programOf({ tracepoints: [['block_io_start', 'block_rq_insert']] }),
    );
    expect(verdict.obstacles).toMatchObject([
      { kind: 'tracepoint', reason: 'the kernel has no tracepoint block_io_start or block_rq_insert' },
    ]);
  });

  test('may be in a module', async () => {
    const changes = { 'sys/kernel/btf/xfs': types('xfs_log_force') };
    expect((await examine(changes, programOf({ tracepoints: ['xfs_log_force'] }))).missing).toEqual([]);
  });

  test('perf events are not in every kernel', async () => {
    const changes = { 'proc/sys/kernel/perf_event_paranoid': null };
    expect((await examine(changes, programOf({ perfEvents: true }))).missing).toEqual(['perf_events']);
    expect((await examine(changes)).missing).toEqual([]);
  });

  test('every program says what it needs', () => {
    for (const { name, needs } of tracePrograms) expect([name, needs]).toEqual([name, expect.anything()]);
  });
});

describe('what is good to know', () => {
  test.each([
    ['kptr_restrict', { 'proc/sys/kernel/kptr_restrict': '2' }, /shown to no one/],
    [
      'kptr_restrict',
      { 'proc/sys/kernel/kptr_restrict': '0', 'proc/sys/kernel/perf_event_paranoid': '1' },
      /everyone/,
    ],
    ['kptr_restrict', { 'proc/sys/kernel/kptr_restrict': '0' }, /CAP_SYSLOG/],
    ['perf_event_paranoid', { 'proc/sys/kernel/perf_event_paranoid': '-1' }, /^-1: with CAP_PERFMON/],
    [
      'perf_event_paranoid',
      { 'proc/sys/kernel/perf_event_paranoid': '4' },
      /sysctl kernel.perf_event_paranoid=2/,
    ],
    ['unprivileged_bpf_disabled', { 'proc/sys/kernel/unprivileged_bpf_disabled': '0' }, /everyone may load/],
  ])('%s', async (name, changes, finding) => {
    expect((await examine(changes)).check(name)).toMatchObject({
      status: 'note',
      finding: expect.stringMatching(finding),
    });
  });

  test('user stacks of others take capabilities that tracing does not', async () => {
    const three = '000000c400000000';
    const { missing, check } = await examine({ 'proc/self/status': status(1000, three, three) });
    expect([missing, check('user_stacks')?.finding]).toEqual([
      [],
      expect.stringContaining('no CAP_SYS_PTRACE, no CAP_DAC_READ_SEARCH, no CAP_CHECKPOINT_RESTORE'),
    ]);
    expect(check('user_stacks')?.remedies[0]).toMatch(/^AmbientCapabilities=CAP_BPF .* CAP_SYS_PTRACE/);
    expect((await examine({})).check('user_stacks')).toBeUndefined();
  });

  test('memory that may be locked counts before 5.11, for those who are held to a limit', async () => {
    const old = { 'proc/sys/kernel/osrelease': '5.10.0-28-amd64' };
    const withoutResource = status(0, '000000c400000000');
    expect(
      (await examine({ ...old, 'proc/self/status': withoutResource })).check('memlock')?.remedies,
    ).toContain('LimitMEMLOCK=infinity in the [Service] section of a unit');
    expect((await examine(old)).check('memlock')).toBeUndefined();
    expect((await examine({ 'proc/self/status': withoutResource })).check('memlock')).toBeUndefined();
    const limits = { 'proc/self/limits': 'Max locked memory  unlimited  unlimited  bytes' };
    expect(
      (await examine({ ...old, ...limits, 'proc/self/status': withoutResource })).check('memlock'),
    ).toBeUndefined();
  });
});
