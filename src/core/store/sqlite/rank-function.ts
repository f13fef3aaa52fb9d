import { RankedValues } from '../aggregate/ranked-values.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

/** Shares that one call takes at most: a double holds as many. */
export const MAX_SHARES = 3;
/** A share, of 0 to 100,000 thousandths of a per cent, stands as itself plus 1 in so many numbers. */
const SHARE_NUMBERS = 2 ** 17;

/** What has grown beyond this is not kept: a service would hold it for ever. */
const KEPT_CAPACITY = 2 ** 20;

type AggregateOptions = Parameters<SqliteDatabase['aggregate']>[1];

/**
 * Gives a connection the aggregate `nearest_ranks(value, weight, shares, most)`: the values of nearest rank at shares that
 * `packShares` put into a number, as a JSON array; values of no weight are left out. SQL would sort all rows several times.
 */
export function defineRankFunction(database: SqliteDatabase): void {
  // Groups come one after the other: what one has filled the next one fills again.
  const idle: Ranking[] = [];
  const options = {
    start: () => {
      const ranking = idle.pop() ?? { values: new RankedValues(), shares: 0 };
      ranking.values.clear();
      ranking.shares = 0;
      return ranking;
    },
    step: (ranking: Ranking, value: number | null, weight: number, shares: number, most: number) => {
      ranking.shares = shares;
      if (weight > 0) ranking.values.add(value!, weight, most);
    },
    result: (ranking: Ranking) => {
      if (ranking.values.capacity <= KEPT_CAPACITY) idle.push(ranking);
      return JSON.stringify(unpackShares(ranking.shares).map((share) => ranking.values.nearestRank(share)));
    },
  };
  database.aggregate('nearest_ranks', options as unknown as AggregateOptions);
}

interface Ranking {
  readonly values: RankedValues;
  shares: number;
}

/** Puts up to `MAX_SHARES` shares into one whole number: numbers reach the function sooner than text. */
export function packShares(shares: readonly number[]): number {
  return shares.reduceRight((packed, share) => packed * SHARE_NUMBERS + share + 1, 0);
}

function unpackShares(packed: number): readonly number[] {
  const shares: number[] = [];
  for (let rest = packed; rest > 0; rest = Math.floor(rest / SHARE_NUMBERS))
    shares.push((rest % SHARE_NUMBERS) - 1);
  return shares;
}
