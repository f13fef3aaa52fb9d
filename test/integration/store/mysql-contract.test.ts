import { afterAll, beforeAll, describe, test } from 'vitest';
import { categoryContract } from '../../contract/category.contract.ts';
import { pruneContract } from '../../contract/prune.contract.ts';
import { storeContract } from '../../contract/store.contract.ts';
import { compareWithPlain } from '../../support/compare-with-plain.ts';
import { mysqlDatabases } from '../../support/mysql-database.ts';
import { type PrivateMariadb, startMariadb, whyNoMariadb } from '../../support/private-mariadb.ts';

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

  // SQLite is held to the same plain model: what agrees with it on both agrees with each other.
  test('MariaDB answers as looking at each record does', async () => {
    await compareWithPlain(create, { runs: 25, questions: 8 });
  });
});
