import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offcputime } from '../../../../src/core/category/index.ts';
import { makeGroupQuery } from '../../../../src/core/query/make-group-query.ts';
import { everything } from '../../../../src/core/query/resolve-condition.ts';
import { answerByRows } from '../../../../src/core/store/aggregate/answer-by-rows.ts';
import { RankedValues } from '../../../../src/core/store/aggregate/ranked-values.ts';
import { TooManyValues } from '../../../../src/core/store/aggregate/too-many-values.ts';
import { DictionaryReader } from '../../../../src/core/store/dictionary/dictionary-reader.ts';
import { openStore } from '../../../../src/core/store/index.ts';
import type { SqlConnection, SqlValue } from '../../../../src/core/store/sql-connection.ts';
import { packShares } from '../../../../src/core/store/sqlite/rank-function.ts';
import { sqliteDialect } from '../../../../src/core/store/sqlite/sqlite-dialect.ts';
import { openSqliteFile, type SqliteDatabase } from '../../../../src/core/store/sqlite/sqlite-driver.ts';
import { offcputimeBatch } from '../../../support/sample-batch.ts';
import { temporaryFolder } from '../../../support/test-database.ts';

interface Weighed {
  readonly value: number;
  readonly weight: number;
}

/** The same, by putting every value in order as often as it weighs. */
function sortedRank(weighed: readonly Weighed[], share: number): number | null {
  const sorted = weighed
    .flatMap(({ value, weight }) => Array<number>(weight).fill(value))
    .sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((sorted.length * share) / 100_000)) - 1] ?? null;
}

describe('ranked values', () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger()).map((number) => number + 0);
  const share = fc.oneof(fc.constantFrom(0, 1, 50_000, 99_000, 99_999, 100_000), fc.nat(100_000));

  test('have the ranks that sorting gives, whatever they weigh, however often they are asked', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.record({ value, weight: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })) }), {
            maxLength: 60,
          }),
          { minLength: 1, maxLength: 3 },
        ),
        fc.array(share, { minLength: 1, maxLength: 4 }),
        (groups, shares) => {
          const values = new RankedValues();
          for (const weighed of groups) {
            values.clear();
            for (const { value, weight } of weighed) values.add(value, weight, 1000);
            for (const each of shares) expect(values.nearestRank(each)).toBe(sortedRank(weighed, each));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are as many as may be, more than fit at first', () => {
    const values = new RankedValues();
    for (let at = 0; at < 5000; at++) values.add((at * 7919) % 5000, at === 4999 ? 2 : 1, 5000);
    expect(() => values.add(1, 1, 5000)).toThrow(TooManyValues);
    expect([values.nearestRank(50_000), values.nearestRank(100_000)]).toEqual([2499, 4999]);
  });

  test('weigh no more than is exact', () => {
    const values = new RankedValues();
    const add = () => {
      for (let at = 0; at < 3_000_000; at++) values.add(at, 2 ** 32 - 1, 3_000_000);
    };
    expect(add).toThrow(TooManyValues);
  });
});

describe('in SQLite', () => {
  async function opened(): Promise<SqliteDatabase> {
    const file = join(await temporaryFolder(), 'kernelscope.db');
    const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
    await store.init();
    const rows = Array.from({ length: 50 }, (_, at) => [`p${at % 2}`, at, 's', at * 10] as const);
    await store.append([{ batch: offcputimeBatch(rows) }]);
    await store.close();
    return openSqliteFile(file, { readOnly: true, create: false });
  }

  test('a call gives the values at its shares, of no rows none', async () => {
    const database = await opened();
    const ask = (where: string) =>
      database
        .prepare<unknown[]>(
          `SELECT nearest_ranks(elapsed, 1, ${packShares([0, 50_000, 100_000])}, 50) FROM offcputime_row WHERE ${where}`,
        )
        .pluck()
        .get();
    expect([ask('1 = 1'), ask('pid < 0')]).toEqual(['[0,240,490]', '[]']);
    const tooMany = database.prepare<unknown[]>(
      'SELECT nearest_ranks(elapsed, 1, 1, 49) FROM offcputime_row',
    );
    expect(() => tooMany.get()).toThrow(TooManyValues);
    database.close();
  });

  test('too many values for memory are ranked by the database, with the same answer', async () => {
    const database = await opened();
    const asked: string[] = [];
    const connect = (most?: number): SqlConnection => ({
      dialect: {
        ...sqliteDialect,
        ranks: {
          ...sqliteDialect.ranks!,
          aggregate: (value, weight, shares, all) =>
            sqliteDialect.ranks!.aggregate(value, weight, shares, most ?? all),
        },
      },
      all: async ({ text, params }) => database.prepare<unknown[]>(text).raw().all(params) as SqlValue[][],
      async *stream({ text, params }) {
        asked.push(text);
        yield database.prepare<unknown[]>(text).raw().all(params) as SqlValue[][];
      },
      run: () => Promise.reject(new Error('nothing is written here')),
      sumByKey: () => Promise.reject(new Error('no stacks are weighed here')),
    });
    const where = { kind: 'and', conditions: [] } as const;
    const query = makeGroupQuery(
      { groupBy: ['process'], aggregates: ['p50(elapsed)', 'p99(elapsed)', 'p10(pid)'] },
      offcputime,
      where,
    );
    const answer = (connection: SqlConnection) =>
      Array.fromAsync(
        answerByRows(query, everything, [undefined], connection, new DictionaryReader(connection)),
      );
    const inMemory = await answer(connect());
    expect(asked).toEqual([expect.stringContaining('nearest_ranks')]);
    const onDisk = await answer(connect(24));
    expect(asked.slice(1)).toEqual([
      expect.stringContaining('nearest_ranks'),
      expect.not.stringContaining('nearest_ranks'),
    ]);
    expect(onDisk).toEqual(inMemory);
    expect(inMemory[0]!.rows.map((row) => Object.values(row))).toEqual([
      ['p1', 250, 490, 5],
      ['p0', 240, 480, 4],
    ]);
    database.close();
  });
});
