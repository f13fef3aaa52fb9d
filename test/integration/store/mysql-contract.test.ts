import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { askSql } from '../../../src/core/store/index.ts';
import { categoryContract } from '../../contract/category.contract.ts';
import { groupContract } from '../../contract/group.contract.ts';
import { pruneContract } from '../../contract/prune.contract.ts';
import { storeContract } from '../../contract/store.contract.ts';
import { compareStores } from '../../support/compare-stores.ts';
import { compareWithPlain } from '../../support/compare-with-plain.ts';
import { mysqlDatabases } from '../../support/mysql-database.ts';
import { type PrivateMariadb, startMariadb, whyNoMariadb } from '../../support/private-mariadb.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { createSqliteDatabase } from '../../support/test-database.ts';

const whyNot = whyNoMariadb();

describe.skipIf(whyNot !== undefined)(`MariaDB${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`, () => {
  let server: PrivateMariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  const create = mysqlDatabases(() => server);
  storeContract('MariaDB', create);
  pruneContract('MariaDB', create);
  categoryContract('MariaDB', create);
  groupContract('MariaDB', create);

  describe('a question in SQL', () => {
    const ask = async (text: string, limits = {}) => {
      const database = await create([]);
      onTestFinished(() => database.remove());
      const store = await database.open();
      const location = { backend: 'mysql', address: server.url(store.location.split('/').at(-1)!) } as const;
      await store.close();
      const signal = new AbortController().signal;
      return Array.fromAsync(askSql(location, text, { timeoutMs: 60_000, signal, ...limits }));
    };

    test('is answered', async () => {
      expect(
        await ask('select name, position as p, position as p from category order by position limit 1'),
      ).toEqual([{ columns: ['name', 'p', 'p_2'], rows: [['offcputime', 0, 0]] }]);
    });

    test.each([
      ['delete from batch', 'database_readonly'],
      ['drop table batch', 'bad_query'],
      ['set session transaction read write', 'bad_query'],
      ["insert into meta values ('a', 'b') returning name", 'database_readonly'],
      ['selct 1', 'bad_query'],
      ['select 1; select 2', 'bad_query'],
      ['select * from nonesuch', 'bad_query'],
    ] as const)('%s is refused', async (text, code) => {
      expectProblem(await problemOfAsync(ask(text)), code);
    });

    const table = 'information_schema.collations';
    const endless = `select count(*) from ${table} a, ${table} b, ${table} c, ${table} d, ${table} e`;

    test('ends in time', async () => {
      expectProblem(await problemOfAsync(ask(endless, { timeoutMs: 300 })), 'timed_out', 'more than 300 ms');
    });

    test('stops when it is told to', async () => {
      const signal = AbortSignal.timeout(300);
      expectProblem(await problemOfAsync(ask(endless, { signal })), 'timed_out', 'stopped');
    });
  });

  // SQLite is held to the same plain model: what agrees with it on both agrees with each other.
  test('MariaDB answers as looking at each record does', async () => {
    await compareWithPlain(create, { runs: 25, questions: 8 });
  });

  test('MariaDB and SQLite give the same answers', async () => {
    await compareStores([createSqliteDatabase, create], { runs: 10, questions: 8 });
  });
});
