import { expect, test } from 'vitest';
import { traceOptions } from '../../src/commands/trace/trace-flags.ts';

const flags = { interval: 60e9, threshold: 1e6 };

test('durations become the units that a trace takes', () => {
  expect(traceOptions({ ...flags, duration: 2.5e9, max: 1500 })).toMatchObject({
    thresholdUs: 1000,
    maxUs: 1.5,
    intervalMs: 60_000,
    durationMs: 2500,
  });
  expect(traceOptions({ ...flags, min: 5e6 })).toMatchObject({ thresholdUs: 5000 });
});

test('every filter of threads is handed on', () => {
  const chosen = { pid: [1, 2], follow: true, tid: [3], comm: ['a*'], 'kernel-threads': true };
  expect(traceOptions({ ...flags, ...chosen })).toMatchObject({
    pids: [1, 2],
    follow: true,
    tids: [3],
    comms: ['a*'],
    threads: 'kernel',
  });
  expect(traceOptions({ ...flags, 'user-threads': true })).toMatchObject({ threads: 'user' });
});

test('a cgroup that is not there is an error', () => {
  expect(() => traceOptions({ ...flags, cgroup: ['no/such.slice'] })).toThrow(/no cgroup of version 2/);
});
