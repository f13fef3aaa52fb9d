import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import { offcputime } from '../../../src/core/category/index.ts';
import { serve } from '../../../src/core/service/serve.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { SCHEMA_VERSION } from '../../../src/core/store/table.ts';
import { temporaryFolder } from '../../support/test-database.ts';

const root = join(import.meta.dirname, '../../..');

function kernelscope(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'bin/run.js'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

function sqlite3(file: string, sql: string): string {
  return execFileSync('sqlite3', [file], { input: sql, encoding: 'utf8' }).trim();
}

function fixture(name: string): string {
  return readFileSync(join(root, 'test/fixtures/databases', name), 'utf8');
}

test('sql/sqlite.sql makes by sqlite3 alone what db init makes, and may be run again', async () => {
  const folder = await temporaryFolder();
  const [byHand, byInit] = [join(folder, 'hand.db'), join(folder, 'init.db')];
  const script = readFileSync(join(root, 'sql/sqlite.sql'), 'utf8');
  sqlite3(byHand, script);
  sqlite3(byHand, script);
  expect(kernelscope('db', 'init', '--sqlite', byInit).status).toBe(0);
  const described =
    'select type, name, tbl_name, sql from sqlite_master order by name; select * from meta; select * from category; pragma application_id; pragma auto_vacuum;';
  const withoutComments = (text: string) => text.replace(/^--.*\n/gm, '');
  expect(withoutComments(sqlite3(byHand, described))).toBe(withoutComments(sqlite3(byInit, described)));
  expect(JSON.parse(kernelscope('db', 'status', '--sqlite', byHand, '--json').stdout).schemaVersion).toBe(
    SCHEMA_VERSION,
  );
});

test('an older database is refused with the remedy, then brought up to date with a copy of it beside', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'old.db');
  sqlite3(file, fixture('version-1.sql'));
  const refused = kernelscope('db', 'status', '--sqlite', file);
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('kernelscope db migrate')]);

  const migrated = kernelscope('db', 'migrate', '--sqlite', file, '--json');
  const backup = `${file}.version-1`;
  expect(JSON.parse(migrated.stdout)).toEqual({ from: 1, to: SCHEMA_VERSION, backup });
  expect(
    sqlite3(backup, "select value from meta where name = 'schema_version'; pragma integrity_check"),
  ).toBe('1\nok');
  expect(sqlite3(file, 'pragma integrity_check; pragma auto_vacuum')).toBe('ok\n2');
  expect(sqlite3(file, 'select hostname, process, stack, elapsed from offcputime order by elapsed')).toBe(
    'destiny|dd|a;b|1000\ndestiny|fio|a;c|2000\ndestiny|dd|a;b|4000',
  );
  // Summaries were made: flame graphs come from them alone.
  sqlite3(file, 'delete from offcputime_row');
  expect(kernelscope('flamegraph', '--sqlite', file, '--format', 'folded').stdout).toBe(
    'a;b 5000\na;c 2000\n',
  );
  expect(JSON.parse(kernelscope('db', 'migrate', '--sqlite', file, '--json').stdout)).toEqual({
    from: SCHEMA_VERSION,
    to: SCHEMA_VERSION,
  });
});

test('summaries of version 3 are made anew, with what records may leave out', async () => {
  const file = join(await temporaryFolder(), 'old.db');
  sqlite3(file, fixture('version-3.sql'));
  expect(kernelscope('db', 'migrate', '--sqlite', file).status).toBe(0);
  sqlite3(file, 'delete from offcputime_row');
  const folded = (...args: readonly string[]) =>
    kernelscope('flamegraph', '--sqlite', file, '--format', 'folded', ...args).stdout;
  expect(folded()).toBe('a;b 5000\na;c 2000\n');
  expect(folded('--where', 'state = D')).toBe('a;b 1000\n');
  expect(folded('--where', 'process = dd', '--weight', 'count')).toBe('a;b 3\n');
});

test('a migration that broke off goes on where it was', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'old.db');
  sqlite3(file, `${fixture('version-1.sql')} ALTER TABLE source ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;`);
  expect(kernelscope('db', 'migrate', '--sqlite', file).status).toBe(0);
  expect(kernelscope('flamegraph', '--sqlite', file, '--format', 'folded').stdout).toBe(
    'a;b 5000\na;c 2000\n',
  );
});

test('a newer database is refused by every command, migrate too', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'new.db');
  expect(kernelscope('db', 'init', '--sqlite', file).status).toBe(0);
  sqlite3(file, "update meta set value = '99' where name = 'schema_version'");
  for (const command of [['db', 'status'], ['db', 'migrate'], ['query'], ['serve', 'logger', '0']]) {
    const { status, stderr } = kernelscope(...command, '--sqlite', file);
    expect([status, stderr], command.join(' ')).toEqual([2, expect.stringMatching(/version 99/)]);
  }
});

test('a database of 2016 is taken over once, stacks turned and microseconds made nanoseconds', async () => {
  const folder = await temporaryFolder();
  const [old, file] = [join(folder, '2016.db'), join(folder, 'kernelscope.db')];
  sqlite3(old, fixture('kernelscope-2016.sql'));
  kernelscope('db', 'init', '--sqlite', file);
  expect(JSON.parse(kernelscope('db', 'import', old, '--sqlite', file, '--json').stdout)).toEqual({
    imported: 3,
    repeated: 0,
  });
  expect(JSON.parse(kernelscope('db', 'import', old, '--sqlite', file, '--json').stdout)).toEqual({
    imported: 0,
    repeated: 3,
  });
  expect(sqlite3(file, 'select * from offcputime')).toBe(
    [
      'destiny|2016-10-24 17:12:43.288693|dd|1234|sys_write;btrfs_file_write;some_enospc_function|5000000|||',
      'destiny|2016-10-24 17:12:43.288693|dd|1234|sys_read;schedule|7000000|||',
      'other|2016-10-25 08:00:00.000000|fio|7|sys_read;schedule|9000000000|||',
    ].join('\n'),
  );
  const itself = kernelscope('db', 'import', file, '--sqlite', file);
  expect([itself.status, itself.stderr]).toEqual([2, expect.stringContaining('2016')]);
  sqlite3(old, "insert into offcputime values (4, 'x', 'yesterday', 'dd', 1, 'a', 1)");
  const bad = kernelscope('db', 'import', old, '--sqlite', file);
  expect([bad.status, bad.stderr]).toEqual([2, expect.stringContaining('yesterday')]);
});

test('rebuild makes the summaries say what the rows say', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'kernelscope.db');
  sqlite3(file, fixture('version-1.sql'));
  kernelscope('db', 'migrate', '--sqlite', file);
  sqlite3(file, 'update offcputime_row set elapsed = 10 where id = 2');
  expect(kernelscope('flamegraph', '--sqlite', file, '--format', 'folded').stdout).toBe(
    'a;b 5000\na;c 2000\n',
  );
  expect(JSON.parse(kernelscope('db', 'rebuild', '--sqlite', file, '--json').stdout)).toEqual({ batches: 2 });
  expect(kernelscope('flamegraph', '--sqlite', file, '--format', 'folded').stdout).toBe('a;b 5000\na;c 10\n');
});

test('names that nothing refers to go once no writer can remember them, and the file gets smaller', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'kernelscope.db');
  const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
  await store.init();
  for (let batch = 0; batch < 20; batch++) {
    const each = <T>(make: (row: number) => T) => Array.from({ length: 2000 }, (_, row) => make(row));
    const values = [
      each(() => `p${batch}`),
      each((row) => row),
      each((row) => `a;b${batch};c${row % 500}`),
      each((row) => row),
    ];
    const timeUs = Date.UTC(2016, 0, 1 + batch) * 1000;
    await store.append([
      {
        batch: {
          hostname: `h${batch}`,
          timeUs,
          labels: {},
          lost: 0,
          entries: [makeEntries({ category: offcputime, length: 2000, values })],
        },
      },
    ]);
  }
  await store.close();
  const before = statSync(file).size;
  // As if all of it had been written hours ago.
  sqlite3(
    file,
    'update source set seen = 0; update string set seen = 0; update stack set seen = 0; pragma wal_checkpoint(truncate)',
  );
  const pruned = kernelscope('db', 'prune', '--older-than', '1h', '--sqlite', file, '--json');
  expect(JSON.parse(pruned.stdout)).toMatchObject({
    batches: 20,
    records: 40_000,
    // The newest entry of each dictionary stays, so that its id is not given out again.
    dictionaryEntries: 20 + 20 + 20 * 500 - 3,
  });
  expect(statSync(file).size).toBeLessThan(before / 4);
  expect(sqlite3(file, 'pragma integrity_check; select count(*) from stack')).toBe('ok\n1');
});

test('serve logger --retain deletes what is old, and keeps what is not', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'kernelscope.db');
  const running = await serve({
    location: { backend: 'sqlite', address: file },
    create: true,
    logger: { host: '127.0.0.1', port: 0, legacyOffcputime: false, retainMs: 3_600_000 },
    onBug: (error) => {
      throw error;
    },
  });
  try {
    const post = (time: Date) =>
      fetch(running.loggerUrl!, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          hostname: 'h',
          time: time.toISOString(),
          offcputime: [{ process: 'p', pid: 1, stack: 'a', elapsed: 1 }],
        }),
      });
    expect((await post(new Date(Date.now() - 7_200_000))).status).toBe(200);
    expect((await post(new Date())).status).toBe(200);
    expect(sqlite3(file, 'select count(*) from batch')).toBe('2');
  } finally {
    await running.close();
  }
  // Pruning runs first thing when a logger starts.
  const later = await serve({
    location: { backend: 'sqlite', address: file },
    create: false,
    logger: { host: '127.0.0.1', port: 0, legacyOffcputime: false, retainMs: 3_600_000 },
    onBug: () => {},
  });
  try {
    for (let tries = 0; tries < 200 && sqlite3(file, 'select count(*) from batch') !== '1'; tries++)
      await delay(50);
    expect(sqlite3(file, 'select count(*) from batch')).toBe('1');
  } finally {
    await later.close();
  }
  expect(existsSync(`${file}-wal`)).toBe(false);
});
