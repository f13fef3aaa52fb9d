import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInCategories } from '../../src/core/category/index.ts';
import { openStore } from '../../src/core/store/index.ts';
import { decodeBatch } from '../../src/core/wire/decode-batch.ts';
import { pruneContract } from '../contract/prune.contract.ts';
import { storeContract } from '../contract/store.contract.ts';
import { type GaleraCluster, startGalera, whyNoGalera } from '../support/galera-cluster.ts';
import { initDatabase } from '../support/logger-databases.ts';
import { makeSentBatch } from '../support/logging-client.ts';
import { mysqlDatabases } from '../support/mysql-database.ts';
import { whyNoMariadb, withMysql } from '../support/private-mariadb.ts';
import { findFaults } from '../support/stored-batches.ts';

const whyNot = whyNoMariadb() ?? whyNoGalera();
const NODES = 3;

describe.skipIf(whyNot !== undefined)(
  `three Galera nodes${whyNot === undefined ? '' : `: ${whyNot}`}`,
  () => {
    let cluster: GaleraCluster;
    let turn = 0;
    const nextNode = () => cluster.nodes[turn++ % NODES]!;

    beforeAll(async () => {
      cluster = await startGalera(NODES);
      // So that what one handle commits another sees at once, whichever node it asks.
      for (const node of cluster.nodes)
        await withMysql(node.url(''), (ask) => ask('SET GLOBAL wsrep_sync_wait = 15'));
    }, 120_000);
    afterAll(() => cluster?.stop());

    const create = mysqlDatabases(() => ({
      ...cluster.nodes[0]!,
      url: (database: string) => nextNode().url(database),
    }));
    storeContract('Galera, each handle on the next node,', create);
    pruneContract('Galera, each handle on the next node,', create);

    test('old records that all nodes prune at once, while all are written to, go, and nothing else does', async () => {
      await initDatabase(nextNode().url('pruned'));
      const stores = await Promise.all(
        cluster.nodes.map((node) => openStore({ backend: 'mysql', address: node.url('pruned') })),
      );
      const categories = new Map(builtInCategories.map((category) => [category.name, category]));
      const append = async (node: number, batch: ReturnType<typeof makeSentBatch>, time: string) => {
        const body = batch.body.replace(/"time":"[^"]*"/, `"time":"${time}"`);
        await stores[node]!.append([{ batch: decodeBatch(Buffer.from(body), categories), key: batch.key }]);
      };
      for (let number = 0; number < 60; number++)
        await append(number % NODES, makeSentBatch(`old.${number}`), '2020-01-01T00:00:00Z');
      const fresh = Array.from({ length: 60 }, (_, number) => makeSentBatch(`fresh.${number}`));
      const write = async (node: number) => {
        for (let number = node; number < fresh.length; number += NODES)
          await append(node, fresh[number]!, '2026-01-01T00:00:00Z');
      };
      const olderThanUs = Date.UTC(2025, 0, 1) * 1000;
      await Promise.all([
        ...stores.map((_, node) => write(node)),
        ...stores.map((store) => store.prune({ olderThanUs })),
      ]);
      for (const [node, store] of stores.entries()) {
        expect((await store.status()).batches).toBe(fresh.length);
        const { url } = cluster.nodes[node]!;
        expect(await withMysql(url('pruned'), (ask) => findFaults(ask, fresh))).toEqual([]);
        await store.close();
      }
    });
  },
);
