import { expect, test } from 'vitest';
import { initDatabase } from '../support/logger-databases.ts';
import { startLogger } from '../support/logger-process.ts';
import { acceptedAnswer, makeSentBatch } from '../support/logging-client.ts';
import { startMariadb, whyNoMariadb, withMysql } from '../support/private-mariadb.ts';
import { findFaults } from '../support/stored-batches.ts';

const whyNot = whyNoMariadb();

test.skipIf(whyNot !== undefined)(
  `a server that stops answering without a word makes a logger refuse for now, not wait for ever${whyNot === undefined ? '' : `: ${whyNot}`}`,
  async () => {
    const server = await startMariadb();
    const url = server.url('frozen');
    await initDatabase(url);
    const logger = await startLogger(['--mysql', url]);
    const post = ({ key, body }: { readonly key: string; readonly body: string }) =>
      fetch(logger.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
      });
    const batches = Array.from({ length: 20 }, (_, number) => makeSentBatch(`frozen.${number}`));
    expect((await post(batches[0]!)).status).toBe(200);

    server.process.kill('SIGSTOP');
    for (const answer of await Promise.all(batches.map(post))) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ error: { code: 'database_unavailable' } });
    }
    // What it was sent while it was frozen, it may still do; under the same keys nothing comes of it twice.
    server.process.kill('SIGCONT');
    for (const batch of batches) expect(await (await post(batch)).text()).toBe(acceptedAnswer(batch));
    expect(await logger.stop()).toBe(0);
    expect(await withMysql(url, (ask) => findFaults(ask, batches))).toEqual([]);
    await server.stop();
  },
);
