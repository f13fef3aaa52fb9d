import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { KernelscopeError } from '../../../src/core/base/kernelscope-error.ts';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { type OpenOptions, openStore } from '../../../src/core/store/index.ts';
import type { Store } from '../../../src/core/store/store.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf, offcputimeBatch } from '../../support/sample-batch.ts';
import { awkward, everything } from '../../support/sample-categories.ts';
import { temporaryFolder } from '../../support/test-database.ts';

function open(file: string, options: OpenOptions = {}): Promise<Store> {
  return openStore({ backend: 'sqlite', address: file }, options);
}

async function makeDatabase(folder: string, rows = 1): Promise<string> {
  const file = join(folder, 'kernelscope.db');
  const store = await open(file, { create: true });
  await store.init();
  await store.append([{ batch: batchOf(rows) }]);
  await store.close();
  return file;
}

/** Every way to open a file that is already there. */
const waysToOpen: readonly [string, OpenOptions][] = [
  ['to write', {}],
  ['to read', { readOnly: true }],
];

describe.each(waysToOpen)('opened %s', (_, options) => {
  test('a file that is missing', async () => {
    const file = join(await temporaryFolder(), 'nonesuch.db');
    const problem = await problemOfAsync(open(file, options));
    expectProblem(problem, 'database_missing', file);
    expect(problem.suggestions[0]).toContain(`kernelscope db init --sqlite '${file}'`);
  });

  test('a folder that is missing', async () => {
    const folder = join(await temporaryFolder(), 'nonesuch');
    const problem = await problemOfAsync(open(join(folder, 'kernelscope.db'), options));
    expectProblem(problem, 'database_missing', folder);
    expect(problem.suggestions[0]).toContain('kernelscope db init');
  });

  test('a file in place of the folder', async () => {
    const file = join(await temporaryFolder(), 'file');
    writeFileSync(file, 'text');
    expectProblem(
      await problemOfAsync(open(join(file, 'kernelscope.db'), options)),
      'database_missing',
      file,
    );
  });

  test('a folder in place of the file', async () => {
    const folder = await temporaryFolder();
    expectProblem(await problemOfAsync(open(folder, options)), 'database_invalid', folder, 'folder');
  });

  test.each([
    ['text', 'this is not a database, and long enough that SQLite looks at its beginning '.repeat(20)],
    ['a few bytes', 'xyz'],
    ['a picture', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['zeros', Buffer.alloc(8192)],
  ])('a file of %s', async (_what, content) => {
    const file = join(await temporaryFolder(), 'other.db');
    writeFileSync(file, content);
    const problem = await problemOfAsync(open(file, options));
    expectProblem(problem, 'database_invalid', file, 'not a SQLite database');
    expect(problem.suggestions[0]).toContain('name another file');
    expect(readFileSync(file)).toEqual(Buffer.from(content));
  });

  test('an empty file', async () => {
    const file = join(await temporaryFolder(), 'empty.db');
    writeFileSync(file, '');
    const problem = await problemOfAsync(open(file, options));
    expectProblem(problem, 'database_invalid', file, 'empty');
    expect(problem.suggestions[0]).toContain(`kernelscope db init --sqlite '${file}'`);
  });

  test('a database of something else', async () => {
    const file = join(await temporaryFolder(), 'other.db');
    otherDatabase(file, 'CREATE TABLE bookmarks (url TEXT); CREATE TABLE batch (x)');
    const problem = await problemOfAsync(open(file, options));
    expectProblem(problem, 'database_invalid', file, 'something else');
    expect(problem.suggestions[0]).toContain('bookmarks');
  });

  test('a database of a newer kernelscope', async () => {
    const file = await makeDatabase(await temporaryFolder());
    otherDatabase(file, "UPDATE meta SET value = '99' WHERE name = 'schema_version'");
    const problem = await problemOfAsync(open(file, options));
    expectProblem(problem, 'database_newer', file, 'version 99');
    expect(problem.suggestions[0]).toContain('newer');
  });

  test.each(["UPDATE meta SET value = '0'", "UPDATE meta SET value = 'x'", 'DELETE FROM meta'])(
    'a database that does not say its version: %s',
    async (sql) => {
      const file = await makeDatabase(await temporaryFolder());
      otherDatabase(file, sql);
      expectProblem(await problemOfAsync(open(file, options)), 'database_invalid', file, 'version');
    },
  );

  test('a database with a category that cannot be', async () => {
    const file = await makeDatabase(await temporaryFolder());
    otherDatabase(file, `UPDATE category SET definition = '{"name":"x"}'`);
    const store = await open(file, options);
    expectProblem(await problemOfAsync(store.categories()), 'database_invalid', 'category');
    await store.close();
  });

  test('a database that was cut off', async () => {
    const file = await makeDatabase(await temporaryFolder(), 2000);
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expectProblem(await firstProblem(file, options), 'database_invalid', file, 'damaged');
  });

  test('a database whose pages were overwritten', async () => {
    const file = await makeDatabase(await temporaryFolder(), 2000);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    const problem = await firstProblem(file, options);
    expectProblem(problem, 'database_invalid', file, 'damaged');
    expect(problem.suggestions[0]).toContain('.recover');
  });
});

describe('opened to be made', () => {
  test('a file that is missing is made; its folder is not', async () => {
    const folder = await temporaryFolder();
    const store = await open(join(folder, 'new.db'), { create: true });
    expect(await store.init()).toEqual({ created: true });
    expect(await store.init()).toEqual({ created: false });
    await store.close();
    const problem = await problemOfAsync(open(join(folder, 'a', 'new.db'), { create: true }));
    expectProblem(problem, 'database_missing', join(folder, 'a'));
    expect(problem.suggestions[0]).toContain(`mkdir -p '${join(folder, 'a')}'`);
  });

  test('an empty file becomes a database', async () => {
    const file = join(await temporaryFolder(), 'empty.db');
    writeFileSync(file, '');
    const store = await open(file, { create: true });
    expect(await store.init()).toEqual({ created: true });
    expect(await store.status()).toMatchObject({ batches: 0 });
    await store.close();
  });

  test('a database of something else stays as it is', async () => {
    const file = join(await temporaryFolder(), 'other.db');
    otherDatabase(file, 'CREATE TABLE bookmarks (url TEXT)');
    const before = readFileSync(file);
    const store = await open(file, { create: true });
    expectProblem(await problemOfAsync(store.init()), 'database_invalid', file, 'something else');
    await store.close();
    expect(readFileSync(file)).toEqual(before);
  });

  test('a database of a newer kernelscope is not touched', async () => {
    const file = await makeDatabase(await temporaryFolder());
    otherDatabase(file, "UPDATE meta SET value = '99'");
    const store = await open(file, { create: true });
    expectProblem(await problemOfAsync(store.init()), 'database_newer', file);
    await store.close();
  });

  test('a folder or a file that is no database is refused', async () => {
    const folder = await temporaryFolder();
    expectProblem(await problemOfAsync(open(folder, { create: true })), 'database_invalid', folder);
    const file = join(folder, 'text');
    writeFileSync(file, 'not a database '.repeat(100));
    expectProblem(await problemOfAsync(open(file, { create: true })), 'database_invalid', file);
  });
});

test('names with spaces, quotes and percent signs are names like any other', async () => {
  const folder = join(await temporaryFolder(), "it's 100% \u6f22?mode=memory&x");
  mkdirSync(folder);
  const file = await makeDatabase(folder);
  const store = await open(file, { readOnly: true });
  expect(await store.status()).toMatchObject({ batches: 1, location: file });
  await store.close();
});

test('a database whose write-ahead log was left behind by a crash is whole', async () => {
  const folder = await temporaryFolder();
  const file = await makeDatabase(folder);
  const store = await open(file);
  await store.append([{ batch: batchOf(10) }]);
  const crashed = join(await temporaryFolder(), 'crashed.db');
  copyFileSync(file, crashed);
  copyFileSync(`${file}-wal`, `${crashed}-wal`);
  await store.close();
  const recovered = await open(crashed);
  expect(await recovered.status()).toMatchObject({ batches: 2, rows: { offcputime: 11 } });
  await recovered.close();
});

test('the flat view answers any other program, in the words of the protocol', async () => {
  const file = await makeDatabase(await temporaryFolder(), 2);
  const database = new Database(file, { readonly: true });
  expect(database.prepare('SELECT * FROM offcputime ORDER BY pid').all()).toEqual([
    {
      hostname: 'destiny',
      time: '2016-10-24 17:12:43.288693',
      process: 'p0',
      pid: 0,
      stack: 'a;b;s0',
      elapsed: 0,
      count: null,
      max: null,
      state: null,
    },
    {
      hostname: 'destiny',
      time: '2016-10-24 17:12:43.288693',
      process: 'p1',
      pid: 1,
      stack: 'a;b;s1',
      elapsed: 1000,
      count: null,
      max: null,
      state: null,
    },
  ]);
  database.close();
});

test('rows that somebody put behind those of the last batch', async () => {
  const file = await makeDatabase(await temporaryFolder(), 3);
  const database = new Database(file);
  database.exec(
    'INSERT INTO offcputime_row (id, process, pid, stack, elapsed) SELECT 100, process, pid, stack, elapsed FROM offcputime_row LIMIT 1',
  );
  const store = await open(file);
  const problem = await problemOfAsync(store.append([{ batch: batchOf(50) }]));
  expectProblem(problem, 'database_invalid', 'offcputime_row', 'belong to no batch');
  expect(database.prepare('SELECT count(*) FROM batch').pluck().get()).toBe(1);
  database.exec(/DELETE .*/.exec(problem.suggestions[0]!)![0]);
  await store.append([{ batch: batchOf(50) }]);
  expect(database.prepare('SELECT count(*) FROM offcputime').pluck().get()).toBe(53);
  await store.close();
  database.close();
});

test('a category of more columns than a long statement takes values of', async () => {
  const columns = Array.from({ length: 400 }, (_, at) => ({
    name: `c${at}`,
    type: 'int' as const,
    prettyName: `C${at}`,
  }));
  const wide = defineCategory({ name: 'wide', prettyName: 'Wide', columns });
  const file = await makeDatabaseFile(await temporaryFolder(), [wide]);
  const store = await open(file);
  const values = columns.map((_, c) => Array.from({ length: 623 }, (_, index) => c * 1000 + index));
  await store.append([
    { batch: batchOf(0, { entries: [makeEntries({ category: wide, length: 623, values })] }) },
  ]);
  await store.close();
  const database = new Database(file, { readonly: true });
  const sums = database.prepare('SELECT count(*), sum(c0), sum(c399) FROM wide_row').raw().get();
  expect(sums).toEqual([623, (623 * 622) / 2, 623 * 399_000 + (623 * 622) / 2]);
  database.close();
});

test('the flat views of categories whose columns are called like our own tables', async () => {
  const file = await makeDatabaseFile(await temporaryFolder(), [awkward, everything]);
  const store = await open(file);
  const values = [['s'], [1], ['o;p'], [2], [3], [4]];
  await store.append([
    { batch: offcputimeBatch([], { entries: [makeEntries({ category: awkward, length: 1, values })] }) },
  ]);
  await store.close();
  const database = new Database(file, { readonly: true });
  expect(database.prepare('SELECT * FROM "values"').all()).toEqual([
    {
      hostname: 'destiny',
      time: '2016-10-24 17:12:43.288693',
      source: 's',
      select: 1,
      order: 'o;p',
      count: 2,
      b: 3,
      and: 4,
    },
  ]);
  expect(database.prepare('SELECT * FROM everything').all()).toEqual([]);
  database.close();
});

/** Asks everything there is to ask, and gives the first problem. */
async function firstProblem(file: string, options: OpenOptions): Promise<KernelscopeError> {
  return problemOfAsync(
    open(file, options).then(async (store) => {
      try {
        await store.status();
        const columns = offcputime.columns.map(({ name }) => name);
        for await (const _ of store.select({
          kind: 'rows',
          category: offcputime,
          columns,
          where: always,
          sort: [],
        }));
        await store.weighStacks({ kind: 'stacks', category: offcputime, stack: 'stack', where: always });
      } finally {
        await store.close();
      }
    }),
  );
}

function otherDatabase(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(sql);
  database.close();
}
