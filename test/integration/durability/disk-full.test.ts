import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { deliverToStore } from '../../../src/commands/trace/trace-into.ts';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { builtInCategories } from '../../../src/core/category/index.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { initDatabase } from '../../support/logger-databases.ts';
import { runKernelscope, startLogger } from '../../support/logger-process.ts';
import { makeSentBatch, postBatch, type SentBatch } from '../../support/logging-client.ts';
import { mountSmallDisk, whyNoSmallDisk } from '../../support/small-disk.ts';
import { makeFolder, withSqlite } from '../../support/sqlite-file.ts';
import { findFaults } from '../../support/stored-batches.ts';

const DISK_MIB = 8;
const whyNot = whyNoSmallDisk();

describe.skipIf(whyNot !== undefined)(`on a full disk${whyNot === undefined ? '' : `: ${whyNot}`}`, () => {
  test('a logger refuses for now what it cannot store, keeps what it acknowledged, and goes on when there is room', async () => {
    using disk = mountSmallDisk(DISK_MIB);
    const file = join(disk.path, 'full.db');
    await initDatabase(file);
    const logger = await startLogger(['--sqlite', file]);
    const acknowledged: SentBatch[] = [];
    const fill = async (name: string) => {
      for (let number = 0; ; number++) {
        const batch = makeSentBatch(`${name}.${number}`);
        const response = await postBatch(logger.url, batch);
        if (response.status !== 200) return { batch, response };
        acknowledged.push(batch);
      }
    };

    const { batch: refused, response } = await fill('first');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ error: { code: 'database_full' } });
    // As a power cut would: what was acknowledged is in the file, not on its way there.
    expect(await withSqlite(file, (ask) => findFaults(ask, acknowledged))).toEqual([]);

    disk.makeRoom();
    const retried = await postBatch(logger.url, refused);
    expect(retried.status).toBe(200);
    acknowledged.push(refused);
    const before = acknowledged.length;
    await fill('second');
    expect(acknowledged.length).toBeGreaterThan(before);

    await logger.kill();
    await withSqlite(file, async (ask, database) => {
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(await findFaults(ask, acknowledged)).toEqual([]);
    });
  });

  test('what writes straight into a store keeps what was measured until there is room', async () => {
    using disk = mountSmallDisk(DISK_MIB);
    const file = join(disk.path, 'full.db');
    await initDatabase(file);
    const store = await openStore({ backend: 'sqlite', address: file });
    const keys: string[] = [];
    const deliver = deliverToStore(store);
    const shipper = new Shipper((parcel, signal) => {
      if (!keys.includes(parcel.key)) keys.push(parcel.key);
      return deliver(parcel, signal);
    });
    const categories = new Map(builtInCategories.map((category) => [category.name, category]));
    const sent = Array.from({ length: 150 }, (_, number) => makeSentBatch(`straight.${number}`));
    for (const { body } of sent) await shipper.send(decodeBatch(Buffer.from(body), categories));

    await expect.poll(() => shipper.state.trouble?.code, { timeout: 60_000 }).toBe('database_full');
    const { stored, waiting } = shipper.state;
    expect([stored > 0, waiting > 0]).toEqual([true, true]);
    disk.makeRoom();
    expect(await shipper.finish(60_000)).toEqual({ stored: sent.length, waiting: 0, dropped: 0 });
    await store.close();
    const shipped = sent.map((batch, number) => ({ ...batch, key: keys[number]! }));
    expect(await withSqlite(file, (ask) => findFaults(ask, shipped))).toEqual([]);
  });

  test('an import says so, keeps what it stored, and goes on from there when there is room', async () => {
    using disk = mountSmallDisk(DISK_MIB);
    using folder = makeFolder();
    const old = join(folder.path, 'old.db');
    const database = new Database(old);
    database.exec(
      'CREATE TABLE offcputime (hostname TEXT, time TEXT, process TEXT, pid INTEGER, stack TEXT, elapsed INTEGER)',
    );
    const insert = database.prepare('INSERT INTO offcputime VALUES (?, ?, ?, ?, ?, ?)');
    const rows = 60_000;
    database.transaction(() => {
      for (let row = 0; row < rows; row++) {
        const minute = new Date(Date.UTC(2016, 9, 24) + Math.floor(row / 600) * 60_000);
        const stack = `schedule;wait_${row % 3000};${'x'.repeat(500)};sys_write`;
        insert.run('destiny', minute.toISOString().slice(0, 19).replace('T', ' '), 'dd', row, stack, row);
      }
    })();
    database.close();

    const file = join(disk.path, 'full.db');
    await initDatabase(file);
    const runImport = () => runKernelscope(['db', 'import', old, '--sqlite', file]);
    const count = () =>
      withSqlite(file, (ask) => ask('SELECT COUNT(*), COUNT(DISTINCT pid) FROM offcputime'));
    const full = runImport();
    expect([full.exitCode, full.stderr]).toEqual([69, expect.stringContaining(`${file} is full`)]);
    const [[stored]] = (await count()) as [[number]];
    expect([stored > 0, stored < rows]).toEqual([true, true]);
    disk.makeRoom();
    expect(runImport()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${stored.toLocaleString('en')} were there already`),
    });
    expect(await count()).toEqual([[rows, rows]]);
  });
});
