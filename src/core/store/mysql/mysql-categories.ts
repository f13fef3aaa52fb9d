import { setTimeout as delay } from 'node:timers/promises';
import { KernelscopeError } from '../../base/kernelscope-error.ts';
import type { Category } from '../../category/define-category.ts';
import { requireNotBuiltIn, requireSameCategory, unknownCategory } from '../category-errors.ts';
import { createCategoryTables, dropCategoryTables } from '../create-statements.ts';
import { decodeCategory, encodeCategory } from '../encode-category.ts';
import { mysqlDialect } from './mysql-dialect.ts';
import { isDuplicate, type MysqlPool, retried, type SqlParam } from './mysql-driver.ts';

/*
 * Statements that make tables commit by themselves, and clusters know no locks by name: whoever changes a category
 * claims its row first. A row of a negative position is claimed and hidden from readers and writers; only who claimed it
 * touches its tables.
 */
/** Positions of a category that is being made, and of one that is being taken away. */
const MAKING = -1;
const DROPPING = -2;

/** How long the work of another process is waited for, and how often it is looked at, in milliseconds. */
const WAIT_MS = 10_000;
const LOOK_MS = 50;

/** Reads the definitions of the categories that are ready, in declared order. */
export const readyDefinitions = 'SELECT definition FROM category WHERE position >= 0 ORDER BY position, name';

interface CategoryRow {
  readonly position: number;
  readonly definition: string;
}

/** Declares a category; errors as of `Store.addCategory`, and `database_locked` where another process does not come to an end. */
export async function addMysqlCategory(
  pool: MysqlPool,
  category: Category,
): Promise<{ readonly created: boolean }> {
  const { name } = category;
  const deadlineMs = Date.now() + WAIT_MS;
  for (;;) {
    if (await claimNew(pool, category)) {
      await makeTables(pool, category);
      const [next] = (await ask(pool, 'SELECT COALESCE(MAX(position), -1) FROM category')) as [number][];
      const position = Math.max(Number(next![0]), -1) + 1;
      const published = `UPDATE category SET position = ? WHERE name = ? AND position = ${MAKING}`;
      // Whoever drops it meanwhile has taken the claim over.
      if ((await run(pool, published, [position, name])) === 1) return { created: true };
      continue;
    }
    const row = await findRow(pool, name);
    if (row === undefined) continue;
    if (row.position !== DROPPING) requireSameCategory(decodeCategory(row.definition), category);
    if (row.position >= 0) return { created: false };
    if (Date.now() > deadlineMs) throw stuck(name, row.position);
    await delay(LOOK_MS);
  }
}

/** Makes the tables of a category that is claimed. Where it may not, the claim is given up for those who may. */
async function makeTables(pool: MysqlPool, category: Category): Promise<void> {
  try {
    // What an earlier one left half made is not of this definition.
    for (const sql of dropCategoryTables(category, mysqlDialect)) await run(pool, sql);
    for (const sql of createCategoryTables(category, mysqlDialect)) await run(pool, sql);
  } catch (error) {
    const given = `DELETE FROM category WHERE name = ? AND position = ${MAKING}`;
    await run(pool, given, [category.name]).catch(() => {});
    throw error;
  }
}

/** Deletes a category with its records; errors as of `Store.dropCategory`. */
export async function dropMysqlCategory(
  pool: MysqlPool,
  name: string,
): Promise<{ readonly records: number }> {
  requireNotBuiltIn(name);
  const deadlineMs = Date.now() + WAIT_MS;
  for (;;) {
    const row = await findRow(pool, name);
    if (row === undefined) throw unknownCategory(name, await readyNames(pool));
    const claimed = await run(
      pool,
      `UPDATE category SET position = ${DROPPING} WHERE name = ? AND position > ${DROPPING}`,
      [name],
    );
    // What another began to drop and did not end is taken over once it had its time.
    if (claimed === 1 || Date.now() > deadlineMs) return dropClaimed(pool, decodeCategory(row.definition));
    await delay(LOOK_MS);
  }
}

async function dropClaimed(pool: MysqlPool, category: Category): Promise<{ readonly records: number }> {
  const path = `'$.${category.name}'`;
  // Writers that know it still are waited for by DROP TABLE; what they stored has gone with it.
  for (const sql of dropCategoryTables(category, mysqlDialect)) await run(pool, sql);
  const [sum] = (await ask(pool, `SELECT COALESCE(SUM(JSON_VALUE(accepted, ${path})), 0) FROM batch`)) as [
    number,
  ][];
  await run(
    pool,
    `UPDATE batch SET accepted = JSON_REMOVE(accepted, ${path}) WHERE JSON_VALUE(accepted, ${path}) IS NOT NULL`,
  );
  await run(pool, `DELETE FROM category WHERE name = ? AND position = ${DROPPING}`, [category.name]);
  return { records: Number(sum![0]) };
}

/** Puts a category's row where none is, hidden; tells whether it did. */
async function claimNew(pool: MysqlPool, category: Category): Promise<boolean> {
  try {
    await run(pool, `INSERT INTO category (name, position, definition) VALUES (?, ${MAKING}, ?)`, [
      category.name,
      encodeCategory(category),
    ]);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function findRow(pool: MysqlPool, name: string): Promise<CategoryRow | undefined> {
  const rows = await ask(pool, 'SELECT position, definition FROM category WHERE name = ?', [name]);
  const [row] = rows as [number, string][];
  return row === undefined ? undefined : { position: Number(row[0]), definition: row[1] };
}

async function readyNames(pool: MysqlPool): Promise<readonly string[]> {
  const rows = await ask(pool, 'SELECT name FROM category WHERE position >= 0 ORDER BY position');
  return (rows as [string][]).map(([name]) => name);
}

async function ask(pool: MysqlPool, sql: string, params: readonly SqlParam[] = []): Promise<unknown> {
  return (await retried(() => pool.query(sql, [...params])))[0];
}

/** Runs a statement that changes something; gives how many rows it found. */
async function run(pool: MysqlPool, sql: string, params: readonly SqlParam[] = []): Promise<number> {
  return ((await ask(pool, sql, params)) as { affectedRows: number }).affectedRows;
}

function stuck(name: string, position: number): KernelscopeError {
  const what = position === MAKING ? 'declared' : 'dropped';
  return new KernelscopeError(
    'database_locked',
    `category '${name}' is being ${what} by another process, or one broke off while it did`,
    { suggestions: [`try again; where none is at work, clear it away: kernelscope category drop ${name}`] },
  );
}
