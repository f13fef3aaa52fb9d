import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { lockDatabase, makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

const NOBODY = 65534;

async function filledDatabase(folder: string): Promise<string> {
  const file = await makeDatabaseFile(folder);
  const store = await openStore({ backend: 'sqlite', address: file });
  await store.append([{ batch: batchOf(10, { lost: 3 }) }]);
  await store.close();
  return file;
}

describe('db init', () => {
  test('makes a database, says so on stdout, and has nothing to do the second time', async () => {
    const file = join(await temporaryFolder(), 'new.db');
    expect(await kernelscope(['db', 'init', '--sqlite', file])).toEqual({
      exitCode: 0,
      stdout: `${file} is ready\n`,
      stderr: '',
    });
    expect((await kernelscope(['db', 'init', '--sqlite', file])).stdout).toBe(`${file} was ready already\n`);
    const { stdout } = await kernelscope(['db', 'init', '--sqlite', file, '--json']);
    expect(JSON.parse(stdout)).toEqual({ location: file, created: false });
  });

  test('makes the default database with its folder, and no other folder', async () => {
    const folder = await temporaryFolder();
    const { exitCode, stdout } = await kernelscope(['db', 'init'], {
      env: { XDG_DATA_HOME: join(folder, 'a', 'b') },
    });
    const file = join(folder, 'a', 'b', 'kernelscope', 'kernelscope.db');
    expect([exitCode, stdout]).toEqual([0, `${file} is ready\n`]);
    const home = await kernelscope(['db', 'init'], { env: { HOME: folder } });
    expect(home.stdout).toContain(join(folder, '.local/share/kernelscope/kernelscope.db'));
    const missing = await kernelscope(['db', 'init', '--sqlite', join(folder, 'nonesuch', 'x.db')]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain(`mkdir -p '${join(folder, 'nonesuch')}'`);
  });

  test('leaves what is not ours alone', async () => {
    const folder = await temporaryFolder();
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'notes');
    const other = join(folder, 'other.db');
    const database = new Database(other);
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    database.close();
    for (const file of [text, other, folder]) {
      const before = file === folder ? undefined : readFileSync(file);
      const ended = await kernelscope(['db', 'init', '--sqlite', file]);
      expect([file, ended.exitCode, ended.stdout]).toEqual([file, 2, '']);
      expect(ended.stderr).toContain(file);
      if (before !== undefined) expect(readFileSync(file)).toEqual(before);
    }
  });
});

describe('db status', () => {
  test('tells what a database holds', async () => {
    const file = await filledDatabase(await temporaryFolder());
    const { exitCode, stdout, stderr } = await kernelscope(['db', 'status', '--sqlite', file]);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const line of [
      `location ${file}`,
      'hosts    1',
      'batches  1',
      'records  10 offcputime',
      'first    2016-10-24T17:12:43.288693Z',
      'lost     3',
    ])
      expect(stdout).toContain(`${line}\n`);
    expect(
      JSON.parse((await kernelscope(['db', 'status', '--sqlite', file, '--json'])).stdout),
    ).toMatchObject({
      location: file,
      batches: 1,
      hosts: 1,
      lost: 3,
      rows: { offcputime: 10 },
      firstTimeUs: 1_477_329_163_288_693,
    });
  });

  test('of a service is not to be had', async () => {
    const ended = await kernelscope(['db', 'status'], { env: { KERNELSCOPE_DB: 'http://localhost:8080' } });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('this needs a database');
  });

  test('of a newer database is refused with what to do', async () => {
    const file = await filledDatabase(await temporaryFolder());
    const database = new Database(file);
    database.exec("UPDATE meta SET value = '99' WHERE name = 'schema_version'");
    database.close();
    const ended = await kernelscope(['db', 'status', '--sqlite', file]);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('version 99');
  });
});

test('a database that another program has locked is waited for, and then said to be', async () => {
  const folder = await temporaryFolder();
  const file = await filledDatabase(folder);
  const unlock = lockDatabase(file);
  onTestFinished(unlock);
  // Reading needs no lock; importing into it does.
  expect((await kernelscope(['db', 'status', '--sqlite', file])).exitCode).toBe(0);
  const ended = await kernelscope(['db', 'prune', '--sqlite', file, '--older-than', '1d']);
  expect(ended.exitCode).toBe(69);
  expect(ended.stderr).toContain(`${file} is locked by another process`);
});

describe('what the system does not let one do', () => {
  const mayBeNobody = process.getuid?.() === 0;

  test.skipIf(!mayBeNobody)('a file that may not be read (needs root to become nobody)', async () => {
    const { file } = await ownedByRoot();
    chmodSync(file, 0o600);
    const ended = await kernelscope(['db', 'status', '--sqlite', file], { uid: NOBODY });
    expect([ended.exitCode, ended.stdout]).toEqual([77, '']);
    expect(ended.stderr).toContain(file);
    expect(ended.stderr).toContain('must be readable');
  });

  test.skipIf(!mayBeNobody)('a folder that may not be written (needs root to become nobody)', async () => {
    const { folder } = await ownedByRoot();
    const ended = await kernelscope(['db', 'init', '--sqlite', join(folder, 'new.db')], { uid: NOBODY });
    expect([ended.exitCode, ended.stdout]).toEqual([77, '']);
    expect(ended.stderr).toContain(join(folder, 'new.db'));
    expect(existsSync(join(folder, 'new.db'))).toBe(false);
  });

  test.skipIf(!mayBeNobody)('a home that may not be written (needs root to become nobody)', async () => {
    const { folder } = await ownedByRoot();
    const ended = await kernelscope(['db', 'init'], { uid: NOBODY, env: { HOME: folder } });
    expect([ended.exitCode, ended.stdout]).toEqual([77, '']);
    expect(ended.stderr).toMatch(/^kernelscope: /);
    expect(ended.stderr).not.toContain('bug');
  });

  test.skipIf(!mayBeNobody)('a file that may only be read (needs root to become nobody)', async () => {
    const { file } = await ownedByRoot();
    const written = await kernelscope(['db', 'prune', '--sqlite', file, '--older-than', '1d'], {
      uid: NOBODY,
    });
    expect([written.exitCode, written.stdout]).toEqual([77, '']);
    expect(written.stderr).toContain(file);
    expect(written.stderr).toContain('must be writable by this user');
  });

  test.skipIf(!mayBeNobody)(
    'but a database in use may be read by one who may read it (needs root to become nobody)',
    async () => {
      const { file } = await ownedByRoot();
      const store = await openStore({ backend: 'sqlite', address: file });
      onTestFinished(() => store.close());
      await store.append([{ batch: batchOf(1) }]);
      const ended = await kernelscope(['query', '--sqlite', file, '--limit', '1', '--format', 'ndjson'], {
        uid: NOBODY,
      });
      expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
      expect(ended.stdout.split('\n')).toHaveLength(2);
    },
  );

  async function ownedByRoot(): Promise<{ readonly folder: string; readonly file: string }> {
    const outer = await temporaryFolder();
    chmodSync(outer, 0o755);
    const folder = join(outer, 'of-root');
    mkdirSync(folder, { mode: 0o755 });
    const file = await filledDatabase(folder);
    for (const path of [folder, file]) chownSync(path, 0, 0);
    return { folder, file };
  }
});
