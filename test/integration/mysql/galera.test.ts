import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GaleraCluster, startGalera, whyNoGalera } from '../../support/galera-cluster.ts';
import { initDatabase } from '../../support/logger-databases.ts';
import { type ServiceProcess, startLogger } from '../../support/logger-process.ts';
import {
  acceptedAnswer,
  makeSentBatch,
  postBatch,
  type SentBatch,
  startClients,
} from '../../support/logging-client.ts';
import { whyNoMariadb, withMysql } from '../../support/private-mariadb.ts';
import { type AskDatabase, findFaults } from '../../support/stored-batches.ts';

const whyNot = whyNoMariadb() ?? whyNoGalera();
const NODES = 3;

describe.skipIf(whyNot !== undefined)(
  `three Galera nodes${whyNot === undefined ? '' : `: ${whyNot}`}`,
  () => {
    let cluster: GaleraCluster;
    let loggers: ServiceProcess[];
    const acknowledged: SentBatch[] = [];

    beforeAll(async () => {
      cluster = await startGalera(NODES);
      await initDatabase(cluster.nodes[0]!.url('kernelscope'));
      loggers = await Promise.all(
        cluster.nodes.map((node) => startLogger(['--mysql', node.url('kernelscope')])),
      );
    });
    afterAll(async () => {
      for (const logger of loggers ?? []) await logger.kill();
      await cluster?.stop();
    });

    /** Asks one node what it holds, once it has applied all that the cluster has committed. */
    const look = <T>(node: number, run: (ask: AskDatabase) => Promise<T>) =>
      withMysql(cluster.nodes[node]!.url('kernelscope'), async (ask) => {
        await ask('SET SESSION wsrep_sync_wait = 15');
        return run(ask);
      });

    const expectAllThere = async () => {
      const checksums: unknown[] = [];
      for (let node = 0; node < NODES; node++) {
        expect(await look(node, (ask) => findFaults(ask, acknowledged))).toEqual([]);
        checksums.push(
          await look(node, (ask) =>
            ask('CHECKSUM TABLE batch, source, string, stack, offcputime_row, offcputime_summary EXTENDED'),
          ),
        );
      }
      expect(checksums).toEqual(checksums.map(() => checksums[0]));
    };

    const countAborts = async () => {
      let aborts = 0;
      for (let node = 0; node < NODES; node++) {
        const rows = await look(node, (ask) =>
          ask(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_cert_failures', 'wsrep_local_bf_aborts')",
          ),
        );
        for (const [, count] of rows) aborts += Number(count);
      }
      return aborts;
    };

    test('a batch that reaches every logger at once is stored once, and each answers that it is', async () => {
      const before = await countAborts();
      let aborts = 0;
      // The cluster lets all go ahead and aborts what comes second to its commit: that is to happen, and be retried.
      for (let number = 0; number < 20 || aborts === 0; number++) {
        const batch = makeSentBatch(`at-once.${number}`);
        const answers = await Promise.all(
          loggers.map(async ({ url }) => {
            const response = await postBatch(url, batch);
            return [response.status, await response.text()];
          }),
        );
        expect(answers).toEqual(answers.map(() => [200, acceptedAnswer(batch)]));
        acknowledged.push(batch);
        aborts = (await countAborts()) - before;
      }
      console.log(`${acknowledged.length} batches sent to 3 loggers at once: ${aborts} aborts`);
      await expectAllThere();
    });

    test('stacks that several hosts see for the first time at once are kept once', async () => {
      const before = await countAborts();
      for (let number = 0; number < 20; number++) {
        const batches = loggers.map((_, logger) => {
          const batch = makeSentBatch(`host-${logger}.${number}`);
          return { ...batch, body: batch.body.replaceAll(/only_in_host-\d/g, 'new_to_all') };
        });
        const answers = await Promise.all(
          batches.map(async (batch, logger) => (await postBatch(loggers[logger]!.url, batch)).text()),
        );
        expect(answers).toEqual(batches.map(acceptedAnswer));
        acknowledged.push(...batches);
      }
      console.log(`60 batches with stacks new to all: ${(await countAborts()) - before} aborts`);
      await expectAllThere();
    });

    test('a node killed under load loses nothing that was acknowledged, and comes back with everything', async () => {
      const before = await countAborts();
      const clients = startClients(6, () => loggers.map(({ url }) => url));
      await clients.untilAcknowledged(100);
      const aborts = (await countAborts()) - before;
      await cluster.nodes[2]!.down('SIGKILL');
      await clients.untilAcknowledged(100);
      await cluster.nodes[2]!.rejoin();
      await clients.untilAcknowledged(100);
      await clients.finish();
      acknowledged.push(...clients.acknowledged);
      const answers = Object.fromEntries(clients.answers);
      console.log(
        `${clients.acknowledged.length} batches of 6 clients, ${aborts} aborts before the kill; answers`,
        answers,
      );
      await expectAllThere();
    });

    test('a node cut off from the others takes nothing until it is back', async () => {
      const isolate = (value: 0 | 1) =>
        withMysql(cluster.nodes[1]!.url(''), (ask) =>
          ask(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=${value}'`),
        );
      await isolate(1);
      const batch = makeSentBatch('cut-off.0');
      await expect
        .poll(async () => (await postBatch(loggers[1]!.url, batch)).status, {
          timeout: 60_000,
          interval: 100,
        })
        .toBe(503);
      const elsewhere = await postBatch(loggers[0]!.url, batch);
      expect([elsewhere.status, await elsewhere.text()]).toEqual([200, acceptedAnswer(batch)]);
      await isolate(0);
      await expect
        .poll(async () => (await postBatch(loggers[1]!.url, batch)).status, {
          timeout: 60_000,
          interval: 100,
        })
        .toBe(200);
      acknowledged.push(batch);
      await expectAllThere();
    });
  },
);
