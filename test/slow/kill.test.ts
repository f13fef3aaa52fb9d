import { expect, test } from 'vitest';
import { runKillRounds } from '../support/kill-rounds.ts';

/** Each file is killed so often; how long it takes to look at one grows with what it holds. */
const ROUNDS = 25;

test.each(Array.from({ length: 10 }, (_, file) => file + 1))(
  `a logger killed ${ROUNDS} times over file %i of 10 loses nothing that it acknowledged`,
  async (file) => {
    const { faults, acknowledged, storedUnanswered, notStored } = await runKillRounds(ROUNDS);
    console.log(
      `file ${file}: ${ROUNDS} kills, ${acknowledged} batches acknowledged; of those under way ${storedUnanswered} were stored, ${notStored} not`,
    );
    expect(faults).toEqual([]);
  },
);
