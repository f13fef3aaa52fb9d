import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askSql, openStore, type SqlPage } from '../../../src/core/store/index.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

const limits = { timeoutMs: 60_000, signal: new AbortController().signal };

async function filledFile(): Promise<string> {
  const file = await makeDatabaseFile(await temporaryFolder());
  const store = await openStore({ backend: 'sqlite', address: file });
  await store.append([{ batch: batchOf(2500) }]);
  await store.close();
  return file;
}

function ask(file: string, text: string): Promise<readonly SqlPage[]> {
  return Array.fromAsync(askSql({ backend: 'sqlite', address: file }, text, limits));
}

describe('a question in SQL', () => {
  test('is answered in pages, over the views of the categories', async () => {
    const pages = await ask(await filledFile(), 'select pid, process from offcputime order by pid');
    expect(pages.map(({ rows }) => rows.length)).toEqual([1000, 1000, 500]);
    expect(pages[0]).toMatchObject({ columns: ['pid', 'process'] });
    expect(pages[2]!.rows.at(-1)).toEqual([2499, 'p0']);
  });

  test('gives every kind of value, exactly, and names that stand twice apart', async () => {
    const [page] = await ask(
      await filledFile(),
      "select 1 as a, 2 as a, 9007199254740993 as c, x'00ff' as d, null, 1.5",
    );
    expect(page).toEqual({
      columns: ['a', 'a_2', 'c', 'd', 'null', '1.5'],
      rows: [[1, 2, '9007199254740993', '00ff', null, 1.5]],
    });
  });

  test('without rows has columns', async () => {
    expect(await ask(await filledFile(), 'select pid from offcputime where 0')).toEqual([
      { columns: ['pid'], rows: [] },
    ]);
  });

  test.each([
    ['delete from batch', 'bad_query', 'only questions'],
    ['delete from batch returning id', 'database_readonly', 'cannot be written'],
    ['create table t (a)', 'bad_query', 'only questions'],
    ['pragma query_only = off', 'bad_query', 'only questions'],
    ['vacuum', 'bad_query', 'only questions'],
    ['select 1; delete from batch', 'bad_query', 'more than one statement'],
    ['selct 1', 'bad_query', 'syntax error'],
    ['select * from nonesuch', 'bad_query', 'no such table'],
    ['', 'bad_query', ''],
  ] as const)('%s is refused', async (text, code, says) => {
    const file = await filledFile();
    expectProblem(await problemOfAsync(ask(file, text)), code, says);
    expect((await ask(file, 'select count(*) from batch'))[0]!.rows).toEqual([[1]]);
  });

  test('reaches no other file, and makes none', async () => {
    const file = await filledFile();
    const other = join(await temporaryFolder(), 'other.db');
    for (const text of [`attach '${other}' as o`, `vacuum into '${other}'`])
      expectProblem(await problemOfAsync(ask(file, text)), 'bad_query');
    expect(existsSync(other)).toBe(false);
  });

  test('is not for a web service', async () => {
    const asked = async () => askSql({ backend: 'server', address: 'http://localhost' }, 'select 1', limits);
    expectProblem(await problemOfAsync(asked()), 'usage', 'takes no SQL');
  });
});
