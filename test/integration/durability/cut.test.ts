import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCuttingProxy } from '../../support/cutting-proxy.ts';
import { type LoggerDatabase, loggerDatabases } from '../../support/logger-databases.ts';
import { type ServiceProcess, startLogger } from '../../support/logger-process.ts';
import { acceptedAnswer, makeSentBatch, postBatch, startClients } from '../../support/logging-client.ts';
import { findFaults } from '../../support/stored-batches.ts';

const BATCHES = 200;

describe.each(loggerDatabases)('$name', ({ whyNot, make }) => {
  if (whyNot !== undefined) {
    test.skip(`not here: ${whyNot}`, () => {});
    return;
  }
  const once = makeSentBatch('once.0');
  let database: LoggerDatabase;
  let logger: ServiceProcess;
  beforeAll(async () => {
    database = await make();
    logger = await startLogger(database.flags);
  });
  afterAll(async () => {
    await logger?.stop();
    await database?.release();
  });

  test('a batch whose answer is cut off is stored once, and the retry answers as the first time would have', async () => {
    let cutsNext = true;
    const proxy = await startCuttingProxy(logger.url, () => cutsNext);
    await expect(postBatch(proxy.url, once)).rejects.toThrow('fetch failed');
    // The answer was there to be cut, so that by then the batch must be, too.
    expect(proxy.cuts()).toBe(1);
    expect(await database.look((ask) => findFaults(ask, [once]))).toEqual([]);
    cutsNext = false;
    for (const url of [proxy.url, logger.url]) {
      const response = await postBatch(url, once);
      expect([response.status, await response.text()]).toEqual([200, acceptedAnswer(once)]);
    }
    await proxy.close();
    expect(await database.look((ask) => findFaults(ask, [once]))).toEqual([]);
  });

  test('with every third answer cut off, clients that retry store every batch once', async () => {
    const proxy = await startCuttingProxy(logger.url, () => randomInt(3) === 0);
    const clients = startClients(4, () => [proxy.url]);
    await clients.untilAcknowledged(BATCHES);
    await clients.finish();
    await proxy.close();
    expect(proxy.cuts()).toBeGreaterThan(BATCHES / 10);
    expect(await database.look((ask) => findFaults(ask, [once, ...clients.acknowledged]))).toEqual([]);
  });
});
