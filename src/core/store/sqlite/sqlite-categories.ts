import type { Category } from '../../category/define-category.ts';
import { requireNotBuiltIn, requireSameCategory, unknownCategory } from '../category-errors.ts';
import { createCategoryStatements, dropCategoryTables } from '../create-statements.ts';
import { decodeCategory } from '../encode-category.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { inTransaction, type SqliteDatabase } from './sqlite-driver.ts';

/** Declares a category, in one transaction with its tables; errors as of `Store.addCategory`. */
export function addSqliteCategory(
  database: SqliteDatabase,
  category: Category,
): { readonly created: boolean } {
  return inTransaction(database, () => {
    const declared = findDefinition(database, category.name);
    if (declared !== undefined) {
      requireSameCategory(decodeCategory(declared), category);
      return { created: false };
    }
    const position = database.prepare('SELECT coalesce(max(position), -1) + 1 FROM category').pluck().get();
    for (const statement of createCategoryStatements(category, position as number, sqliteDialect))
      database.exec(statement);
    return { created: true };
  });
}

/** Deletes a category with its records, in one transaction; errors as of `Store.dropCategory`. */
export function dropSqliteCategory(database: SqliteDatabase, name: string): { readonly records: number } {
  requireNotBuiltIn(name);
  return inTransaction(database, () => {
    const declared = findDefinition(database, name);
    if (declared === undefined) {
      const names = database.prepare('SELECT name FROM category ORDER BY position').pluck().all();
      throw unknownCategory(name, names as string[]);
    }
    const path = `$.${name}`;
    const records = database
      .prepare('SELECT coalesce(sum(json_extract(accepted, ?)), 0) FROM batch')
      .pluck()
      .get(path) as number;
    for (const statement of dropCategoryTables(decodeCategory(declared), sqliteDialect))
      database.exec(statement);
    database
      .prepare(
        'UPDATE batch SET accepted = json_remove(accepted, ?) WHERE json_extract(accepted, ?) IS NOT NULL',
      )
      .run(path, path);
    database.prepare('DELETE FROM category WHERE name = ?').run(name);
    return { records };
  });
}

function findDefinition(database: SqliteDatabase, name: string): string | undefined {
  return database.prepare('SELECT definition FROM category WHERE name = ?').pluck().get(name) as
    | string
    | undefined;
}
