import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import { type TraceHost, whyCannotTrace } from '../../../src/core/trace/why-cannot-trace.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-host-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A host that lacks everything, or what is given. */
function hostOf(host: TraceHost): TraceHost {
  return { platform: 'linux', btfPath: '/nowhere/btf', kallsymsPath: '/nowhere/kallsyms', ...host };
}

const kindsOf = async (host: TraceHost) =>
  (await whyCannotTrace(offcpu, hostOf(host))).map(({ kind }) => kind);
const status = (uid: number, effective: string, ambient: string) =>
  `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${effective}\nCapAmb:\t${ambient}\n`;
const none = '0000000000000000';
const bpfAndPerfmon = '000000c000000000';
const sysAdmin = '0000000000200000';

describe('whyCannotTrace', () => {
  test('says at once that another system cannot', async () => {
    expect(await whyCannotTrace(offcpu, { platform: 'darwin' })).toMatchObject([
      { kind: 'platform', reason: 'tracing needs Linux, and this is darwin' },
    ]);
  });

  test('names everything that is missing together, each with a remedy', async () => {
    const statusPath = write('nobody', status(1000, none, none));
    const obstacles = await whyCannotTrace(offcpu, hostOf({ statusPath }));
    expect(obstacles.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['btf', 'capabilities', 'symbols']),
    );
    expect(obstacles.find(({ kind }) => kind === 'btf')?.reason).toContain('/nowhere/btf');
    for (const { remedies } of obstacles) expect(remedies.length).toBeGreaterThan(0);
  });

  test.each([
    ['a user', status(1000, none, none), true],
    [
      'a user with capabilities that a program it runs would not have',
      status(1000, bpfAndPerfmon, none),
      true,
    ],
    ['a user with ambient capabilities', status(1000, bpfAndPerfmon, bpfAndPerfmon), false],
    ['root', status(0, '000001ffffffffff', none), false],
    ['root in a container', status(0, '00000000a80425fb', none), true],
    ['root with all but CAP_BPF and CAP_PERFMON', status(0, sysAdmin, none), false],
  ])('knows whether the helper will have the capabilities: %s', async (name, text, isMissing) => {
    const kinds = await kindsOf({ statusPath: write(name.replaceAll(' ', '-'), text) });
    expect(kinds.includes('capabilities')).toBe(isMissing);
  });

  test('finds symbols that are hidden', async () => {
    const kallsymsPath = write('kallsyms', '0000000000000000 T first\n0000000000000000 t second\n');
    const obstacles = await whyCannotTrace(offcpu, hostOf({ kallsymsPath }));
    expect(obstacles.find(({ kind }) => kind === 'symbols')?.reason).toContain('hides');
  });
});
