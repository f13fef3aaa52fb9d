import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initDatabase } from '../../support/logger-databases.ts';
import { startLogger } from '../../support/logger-process.ts';
import { makeSentBatch, postBatch, startClients } from '../../support/logging-client.ts';
import { makeFolder, withSqlite } from '../../support/sqlite-file.ts';
import { findFaults } from '../../support/stored-batches.ts';

const MIB = 1024 * 1024;
/** What a logger may take of memory however much it is sent. */
const MAX_RSS_BYTES = 400 * MIB;

test('a logger that is sent far more than its disk takes refuses what it cannot hold, stays small, and loses nothing', async () => {
  using folder = makeFolder();
  const file = join(folder.path, 'flooded.db');
  await initDatabase(file);
  const logger = await startLogger(['--sqlite', file]);
  const urls = () => [logger.url];
  const retryMs = 500;
  const plain = startClients(250, urls, { prefix: 'plain', maxLength: 40, paddedTo: 400_000, retryMs });
  // Few bytes as they wait, and more memory than all else if all of them were opened.
  const compressed = startClients(100, urls, {
    prefix: 'compressed',
    maxLength: 6000,
    isCompressed: true,
    retryMs,
  });

  await withSqlite(file, async (_ask, database) => {
    // A disk that takes nothing at all, for a while.
    database.exec('BEGIN IMMEDIATE');
    await expect.poll(() => plain.answers.get(429) ?? 0, { timeout: 60_000 }).toBeGreaterThan(50);
    const large = makeSentBatch('refused.0');
    const refused = await postBatch(logger.url, { ...large, body: large.body.padEnd(2_000_000) });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    database.exec('COMMIT');
  });
  await Promise.all([plain.finish(), compressed.finish()]);
  expect(logger.peakRssBytes()).toBeLessThan(MAX_RSS_BYTES);
  expect(await logger.stop()).toBe(0);
  const acknowledged = [...plain.acknowledged, ...compressed.acknowledged];
  expect(acknowledged.length).toBeGreaterThanOrEqual(350);
  expect(await withSqlite(file, (ask) => findFaults(ask, acknowledged))).toEqual([]);
});
