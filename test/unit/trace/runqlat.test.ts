import { expect, test } from 'vitest';
import { runqlat } from '../../../src/core/trace/runqlat.ts';
import { replayRecording } from '../../support/replay-recording.ts';

test('waits of a process are one record, with how many there were and the longest', async () => {
  const [first, last] = await replayRecording(runqlat);
  expect(first?.records).toEqual([
    { process: 'ks-spin', pid: 29073, elapsed: 145_356_022, count: 101, max: 19_990_367 },
    { process: 'ks-sleep', pid: 29073, elapsed: 11_789, count: 3, max: 4874 },
  ]);
  expect(last?.records).toEqual([]);
});
