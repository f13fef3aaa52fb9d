import type { StoreDialect } from './dialect.ts';
import { mysqlDialect } from './mysql/mysql-dialect.ts';
import { sqliteDialect } from './sqlite/sqlite-dialect.ts';

/** The dialects by name. */
export const dialects = { sqlite: sqliteDialect, mysql: mysqlDialect } as const satisfies Record<
  string,
  StoreDialect
>;
