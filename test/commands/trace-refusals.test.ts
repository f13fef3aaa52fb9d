import { expect, test } from 'vitest';
import { kernelscope } from '../support/run-command.ts';

test.each([
  [['offcpu', '--threshold', '1ms', '--min', '2ms'], '--min'],
  [['offcpu', '--follow'], '--pid'],
  [['offcpu', '--inline-marks'], '--user-stacks'],
  [['offwake', '--inline-marks'], '--user-stacks'],
  [['blockio', '--inline-marks'], '--user-stacks'],
  [['runqlat', '--user-stacks'], '--user-stacks'],
  [['offcpu', '--cgroup', 'no/such.slice'], 'no cgroup of version 2'],
  [['offcpu', '--kernel-threads', '--user-threads'], '--user-threads'],
])('trace %j is refused, and nothing is traced', async (flags, reason) => {
  const { exitCode, stderr } = await kernelscope(['trace', ...flags, '--ndjson']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(reason)]);
});
