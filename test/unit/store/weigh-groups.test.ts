import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { weighGroups } from '../../../src/core/store/weigh-groups.ts';
import { problemOfAsync } from '../../support/problem.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';
import { createSqliteDatabase } from '../../support/test-database.ts';

test('stacks are weighed under the values of the columns that they are grouped by', async () => {
  const database = await createSqliteDatabase([]);
  const store = await database.open();
  try {
    await store.append([
      {
        batch: offcputimeBatch([
          ['dd', 1, 'a;b', 5],
          ['dd', 2, 'a;b', 7],
          ['a;b', 2, 'a', 1],
        ]),
      },
      { batch: offcputimeBatch([['dd', 1, 'a;b', 100]], { hostname: 'other' }) },
    ]);
    const query = { kind: 'stacks', category: offcputime, stack: 'stack', where: always } as const;
    const weighed = async (by: readonly string[], weight?: 'elapsed') => {
      const list = await weighGroups(store, weight === undefined ? query : { ...query, weight }, by);
      return Object.fromEntries(list.map(({ stack, weight }) => [stack, weight]));
    };
    expect(await weighed(['process'], 'elapsed')).toEqual({ 'dd;a;b': 112, 'a:b;a': 1 });
    expect(await weighed(['hostname', 'pid'])).toEqual({
      'destiny;1;a;b': 1,
      'destiny;2;a;b': 1,
      'destiny;2;a': 1,
      'other;1;a;b': 1,
    });
    expect(await weighed(['time', 'process'], 'elapsed')).toEqual({
      '2016-10-24T17:12:43.288693Z;dd;a;b': 112,
      '2016-10-24T17:12:43.288693Z;a:b;a': 1,
    });
    expect(await weighed(['time:1h', 'leaf', 'labels.kernel'], 'elapsed')).toEqual({
      '2016-10-24T17:00:00.000000Z;b;[none];a;b': 112,
      '2016-10-24T17:00:00.000000Z;a;[none];a': 1,
    });
    expect(await problemOfAsync(weighGroups(store, query, ['stack']))).toMatchObject({ code: 'bad_query' });
    expect(await problemOfAsync(weighGroups(store, query, ['proces']))).toMatchObject({
      code: 'unknown_column',
    });
  } finally {
    await store.close();
    await database.remove();
  }
});
