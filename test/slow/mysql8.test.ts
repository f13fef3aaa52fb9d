import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { categoryContract } from '../contract/category.contract.ts';
import { groupContract } from '../contract/group.contract.ts';
import { pruneContract } from '../contract/prune.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { compareStores } from '../support/compare-stores.ts';
import { compareWithPlain } from '../support/compare-with-plain.ts';
import { mysqlDatabases } from '../support/mysql-database.ts';
import { type PrivateMariadb, withMysql } from '../support/private-mariadb.ts';
import { startMysql8, whyNoMysql8 } from '../support/private-mysql8.ts';
import { createSqliteDatabase } from '../support/test-database.ts';

const whyNot = whyNoMysql8();

describe.skipIf(whyNot !== undefined)(`MySQL 8${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`, () => {
  let server: PrivateMariadb;
  beforeAll(async () => {
    server = await startMysql8();
  });
  afterAll(() => server.stop());

  const create = mysqlDatabases(() => server);
  storeContract('MySQL 8', create);
  pruneContract('MySQL 8', create);
  categoryContract('MySQL 8', create);
  groupContract('MySQL 8', create);

  test('it is MySQL and no MariaDB', async () => {
    await withMysql(server.url('mysql'), async (ask) => {
      expect(String((await ask('select version()'))[0]![0])).toMatch(/^8\.(?!.*MariaDB)/);
    });
  });

  test('sql/mysql.sql makes the tables', async () => {
    const script = readFileSync(join(import.meta.dirname, '../../sql/mysql.sql'), 'utf8');
    await withMysql(server.url('mysql'), (ask) => ask('create database by_hand'));
    execFileSync('mysql', ['--no-defaults', '-h127.0.0.1', `-P${server.port}`, '-uroot', 'by_hand'], {
      input: script,
    });
    await withMysql(server.url('by_hand'), async (ask) => {
      expect(await ask('select * from offcputime')).toEqual([]);
    });
  });

  test('MySQL 8 answers as looking at each record does', async () => {
    await compareWithPlain(create, { runs: 25, questions: 8 });
  });

  test('MySQL 8 and SQLite give the same answers', async () => {
    await compareStores([createSqliteDatabase, create], { runs: 10, questions: 8 });
  });
});
