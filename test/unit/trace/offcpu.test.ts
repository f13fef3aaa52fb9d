import { describe, expect, test } from 'vitest';
import { entryColumns } from '../../../src/core/category/define-category.ts';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import type { HeldCommand } from '../../../src/core/trace/hold-command.ts';
import { idleFunctions } from '../../../src/core/trace/idle-functions.ts';
import { offcpu } from '../../../src/core/trace/offcpu.ts';
import type { HelperEntry, HelperFlush } from '../../../src/core/trace/parse-helper-output.ts';
import { RUNNABLE } from '../../../src/core/trace/task-states.ts';
import { plainValues } from '../../support/plain-values.ts';

const options = { thresholdUs: 0, intervalMs: 1000, pids: [] };
const zero = { count: 0, ns: 0 };

function flushOf(entries: readonly HelperEntry[]): HelperFlush {
  return {
    type: 'flush',
    seq: 1,
    last: false,
    timeUs: 1,
    intervalNs: 1,
    sum: zero,
    total: zero,
    lost: zero,
    lostFull: 0,
    lostBusy: 0,
    missedIn: 0,
    skipped: 0,
    backwards: 0,
    noSlot: 0,
    unfollowed: 0,
    stackFull: 0,
    stackFailed: 0,
    schedFailed: 0,
    ownWalks: 0,
    walksDiffer: 0,
    entries,
    missed: [],
    stacks: new Map(),
    userStacks: new Map(),
  };
}

function entry(process: string, pid: number, stack: string, ns: number, state = 1): HelperEntry {
  return { process, pid, stack, ns, count: 1, maxNs: ns, state, open: 0 };
}

const textsOf = (kernel: (id: string) => string) => ({ kernel, user: () => undefined });

describe('the helper is asked for', () => {
  test('everything, by default', () => {
    expect(offcpu.helperArguments(options)).toEqual(['--min-ns', '0']);
  });

  test('every filter, in the units of the kernel side', () => {
    expect(
      offcpu.helperArguments({
        ...options,
        thresholdUs: 1.5,
        maxUs: 2_000_000,
        pids: [1, 22],
        tids: [3],
        comms: ['a*', '--pid'],
        stateMask: 0x8000_0002,
        threads: 'user',
        follow: true,
        cgroups: ['/sys/fs/cgroup/a', '/sys/fs/cgroup/b'],
        idleFunctions: ['do_epoll_wait'],
      }),
    ).toEqual([
      ...['--min-ns', '1500', '--max-ns', '2000000000', '--pid', '1', '--pid', '22', '--tid', '3'],
      ...['--comm', 'a*', '--comm', '--pid', '--state-mask', '2147483650', '--threads', 'user', '--follow'],
      ...['--cgroup', '/sys/fs/cgroup/a', '--cgroup', '/sys/fs/cgroup/b', '--idle', 'do_epoll_wait'],
    ]);
  });

  test('user stacks, and a command that waits', () => {
    const command = { pid: 77 } as unknown as HeldCommand;
    expect(offcpu.helperArguments({ ...options, userStacks: true, command }).slice(2)).toEqual([
      ...['--launched', '77', '--user-stacks'],
    ]);
  });

  test('the idle functions of the list, which a kernel need not have, before those of the user', () => {
    const args = offcpu.helperArguments({ ...options, noIdle: true, idleFunctions: ['mine'] });
    expect(args.slice(2, 4)).toEqual(['--idle-if-known', 'worker_thread']);
    expect(args.slice(-2)).toEqual(['--idle', 'mine']);
    expect(args.length).toBe(2 + 2 * idleFunctions.length + 2);
  });
});

describe('entries', () => {
  test('have the columns of the category', () => {
    const entries = offcpu.toEntries(
      flushOf([entry('dd', 7, 'a', 5)]),
      textsOf(() => 'x;y'),
    );
    const { category, length } = entries;
    const values = plainValues(entries);
    expect(category).toBe(offcputime);
    expect(length).toBe(1);
    expect(Object.fromEntries(entryColumns(category).map(({ name }, c) => [name, values[c]]))).toMatchObject({
      process: ['dd'],
      pid: [7],
      stack: ['x;y'],
      elapsed: [5],
      count: [1],
      max: [5],
      state: ['S'],
    });
  });

  test('are one per process, pid, what the stack reads, and state', () => {
    const flush = flushOf([
      entry('dd', 7, 'a', 1),
      entry('dd', 7, 'b', 2),
      entry('dd', 7, 'a', 4, 0x2001),
      entry('dd', 8, 'a', 8),
      entry('cp', 7, 'a', 16),
      entry('dd', 7, 'c', 32),
      entry('dd', 7, 'a', 64, RUNNABLE),
    ]);
    const entries = offcpu.toEntries(
      flush,
      textsOf((id) => (id === 'c' ? 'other' : 'same')),
    );
    expect(plainValues(entries)).toEqual([
      ['dd', 'dd', 'cp', 'dd', 'dd'],
      [7, 8, 7, 7, 7],
      ['same', 'same', 'same', 'other', 'same'],
      [7, 8, 16, 32, 64],
      [3, 1, 1, 1, 1],
      [4, 8, 16, 32, 64],
      ['S', 'S', 'S', 'S', 'R'],
    ]);
  });
});
