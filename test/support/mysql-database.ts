import { createConnection } from 'mysql2/promise';
import type { Category } from '../../src/core/category/define-category.ts';
import { createCategoryStatements } from '../../src/core/store/create-statements.ts';
import { openStore } from '../../src/core/store/index.ts';
import { mysqlDialect } from '../../src/core/store/mysql/mysql-dialect.ts';
import type { PrivateMariadb } from './private-mariadb.ts';
import type { CreateTestDatabase } from './test-database.ts';

/** Makes databases of names of their own on a server. */
export function mysqlDatabases(server: () => PrivateMariadb): CreateTestDatabase {
  let count = 0;
  return async (categories) => {
    const name = `test_${++count}`;
    const address = server().url(name);
    const store = await openStore({ backend: 'mysql', address }, { create: true });
    await store.init();
    await store.close();
    await declareCategories(address, categories);
    return {
      open: (options = {}) => openStore({ backend: 'mysql', address }, options),
      remove: () => run(server().url(''), [`DROP DATABASE ${name}`]),
    };
  };
}

async function declareCategories(address: string, categories: readonly Category[]): Promise<void> {
  const statements = categories.flatMap((category, position) =>
    createCategoryStatements(category, position + 1, mysqlDialect),
  );
  await run(address, statements);
}

async function run(address: string, statements: readonly string[]): Promise<void> {
  const connection = await createConnection(address);
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}
