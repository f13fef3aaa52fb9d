import { expect, test } from 'vitest';
import { runKillRounds } from '../../support/kill-rounds.ts';

test('a logger killed while clients post leaves every acknowledged batch once, none by half, and a sound file', async () => {
  const { faults, acknowledged } = await runKillRounds(10);
  expect(faults).toEqual([]);
  expect(acknowledged).toBeGreaterThan(10);
});
