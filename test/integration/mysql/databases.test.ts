import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInCategories } from '../../../src/core/category/index.ts';
import { createStatements } from '../../../src/core/store/create-statements.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { mysqlDialect } from '../../../src/core/store/mysql/mysql-dialect.ts';
import { decodeBatch } from '../../../src/core/wire/decode-batch.ts';
import { initDatabase } from '../../support/logger-databases.ts';
import { runKernelscope, startLogger, startWeb } from '../../support/logger-process.ts';
import { acceptedAnswer, makeSentBatch, postBatch, startClients } from '../../support/logging-client.ts';
import { type PrivateMariadb, startMariadb, whyNoMariadb, withMysql } from '../../support/private-mariadb.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { findFaults } from '../../support/stored-batches.ts';

const whyNot = whyNoMariadb();
const categories = new Map(builtInCategories.map((category) => [category.name, category]));

describe.skipIf(whyNot !== undefined)(`MariaDB${whyNot === undefined ? '' : `: ${whyNot}`}`, () => {
  let server: PrivateMariadb;

  beforeAll(async () => {
    // The modes that programs tend to forget: a backslash is a letter, double quotes are for names, what is too long is cut.
    server = await startMariadb(['--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT']);
  });
  afterAll(() => server?.stop());

  const createUser = (user: string, rights: string) =>
    withMysql(server.url(''), async (ask) => {
      await ask(`CREATE USER ${user}@'%'`);
      await ask(`GRANT ${rights} TO ${user}@'%'`);
    });
  const urlAs = (user: string, database: string) => server.url(database).replace('root@', `${user}@`);

  describe('a database', () => {
    test('is made by the mariadb client and sql/mysql.sql alone, as by db init', async () => {
      const sql = readFileSync(new URL('../../../sql/mysql.sql', import.meta.url));
      const mariadb = (...args: readonly string[]) =>
        execFileSync('mariadb', ['--no-defaults', `--socket=${server.socket}`, '--user=root', ...args], {
          input: sql,
          stdio: 'pipe',
        });
      await withMysql(server.url(''), (ask) => ask('CREATE DATABASE by_client'));
      mariadb('by_client');
      // Running it again does nothing.
      mariadb('by_client');
      const init = runKernelscope(['db', 'init', '--mysql', server.url('by_client')]);
      expect(init).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('was ready already') });

      await initDatabase(server.url('by_init'));
      const describeTables = (database: string) =>
        withMysql(server.url(database), async (ask) => {
          const names = (await ask('SHOW TABLES')).map(([name]) => name);
          const made = await Promise.all(names.map((name) => ask(`SHOW CREATE TABLE \`${name}\``)));
          return made.map(([row]) => String(row![1]).replace(/ DEFINER=\S+/, ''));
        });
      expect(await describeTables('by_client')).toEqual(await describeTables('by_init'));

      const logger = await startLogger(['--mysql', server.url('by_client')]);
      const batch = makeSentBatch('client.0');
      expect((await postBatch(logger.url, batch)).status).toBe(200);
      await logger.stop();
      expect(await withMysql(server.url('by_client'), (ask) => findFaults(ask, [batch]))).toEqual([]);
    });

    test('whose making broke off at any place is finished by making it again', async () => {
      const statements = createStatements(builtInCategories, mysqlDialect);
      for (let done = 0; done <= statements.length; done++) {
        await withMysql(server.url(''), async (ask) => {
          await ask('CREATE OR REPLACE DATABASE broken_off');
        });
        await withMysql(server.url('broken_off'), async (ask) => {
          for (const statement of statements.slice(0, done)) await ask(statement);
        });
        const location = { backend: 'mysql', address: server.url('broken_off') } as const;
        const store = await openStore(location, { create: true });
        expect(await store.init()).toEqual({ created: done < statements.length });
        const batch = decodeBatch(Buffer.from(makeSentBatch('finished.0').body), categories);
        expect(await store.append([{ batch }])).toMatchObject([{ repeated: false }]);
        await store.close();
      }
    });

    test('may be made by several at once', async () => {
      await Promise.all(Array.from({ length: 4 }, () => initDatabase(server.url('at_once'))));
      const logger = await startLogger(['--mysql', server.url('at_once')]);
      expect((await postBatch(logger.url, makeSentBatch('at-once.0'))).status).toBe(200);
      await logger.stop();
    });
  });

  describe('rights', () => {
    test('to SELECT are all that reading needs', async () => {
      await initDatabase(server.url('read_only'));
      await createUser('reader', 'SELECT ON read_only.*');
      const logger = await startLogger(['--mysql', server.url('read_only')]);
      const batch = makeSentBatch('read.0');
      await postBatch(logger.url, batch);
      await logger.stop();

      const url = urlAs('reader', 'read_only');
      const web = await startWeb(['--mysql', url]);
      const answer = await fetch(`${web.url}/api`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ offcputime: { elements: ['stack', 'elapsed'], format: 'flamegraph' } }),
      });
      expect([answer.status, ((await answer.json()) as { value: number }).value]).toEqual([
        200,
        batch.elapsedSum,
      ]);
      expect(await web.stop()).toBe(0);
      const query = runKernelscope(['query', '--mysql', url, '--format', 'ndjson']);
      expect([query.exitCode, query.stderr]).toEqual([0, '']);
      expect(query.stdout.trim().split('\n')).toHaveLength(batch.length);
    });

    test('to make tables are needed for the first records of a trace program, or once before', async () => {
      await withMysql(server.url(''), (ask) => ask('CREATE DATABASE on_demand'));
      await createUser('owner', 'ALL ON on_demand.*');
      await createUser('collector', 'SELECT, INSERT, UPDATE, DELETE ON on_demand.*');
      const run = (user: string, ...args: readonly string[]) =>
        runKernelscope([...args, '--mysql', urlAs(user, 'on_demand')]);
      expect(run('owner', 'db', 'init')).toMatchObject({ exitCode: 0, stderr: '' });
      const logger = await startLogger(['--mysql', urlAs('collector', 'on_demand')]);
      const post = () =>
        fetch(logger.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            hostname: 'h',
            time: '2026-01-01 00:00:00',
            oncpu: [{ process: 'dd', pid: 1, stack: 'a;b', samples: 3, elapsed: 30 }],
          }),
        });
      expect(await (await post()).json()).toMatchObject({
        error: {
          code: 'database_denied',
          suggestions: expect.arrayContaining([expect.stringContaining('kernelscope category add oncpu')]),
        },
      });
      // What the logger could not make is not in the way of who can.
      expect(run('owner', 'category', 'add', 'oncpu')).toMatchObject({ exitCode: 0, stderr: '' });
      const stored = await post();
      expect([stored.status, await stored.json()]).toMatchObject([200, { accepted: { oncpu: 1 } }]);
      await logger.stop();
      const query = run('collector', 'query', '--category', 'oncpu', '--json');
      expect(JSON.parse(query.stdout)).toMatchObject([{ process: 'dd', samples: 3, elapsed: 30 }]);
    });

    test('to make tables are needed once, and neither to log nor to prune', async () => {
      await withMysql(server.url(''), (ask) => ask('CREATE DATABASE made_once'));
      await createUser('maker', 'SELECT, INSERT, CREATE, CREATE VIEW, DROP ON made_once.*');
      await createUser('logger', 'SELECT, INSERT, UPDATE, DELETE ON made_once.*');
      const db = (verb: string, user: string, ...flags: readonly string[]) =>
        runKernelscope(['db', verb, '--mysql', urlAs(user, 'made_once'), ...flags]);
      expect(db('init', 'logger')).toMatchObject({ exitCode: 77 });
      expect(db('init', 'maker')).toMatchObject({ exitCode: 0, stderr: '' });
      const logger = await startLogger(['--mysql', urlAs('logger', 'made_once')]);
      const batch = makeSentBatch('made.0');
      expect((await postBatch(logger.url, batch)).status).toBe(200);
      await logger.stop();
      expect(db('prune', 'logger', '--older-than', '0s')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await withMysql(server.url('made_once'), (ask) => ask('SELECT COUNT(*) FROM batch'))).toEqual([
        [0],
      ]);
    });

    test('to write are refused by a session that only reads, whoever it is', async () => {
      await initDatabase(server.url('no_writes'));
      const location = { backend: 'mysql', address: server.url('no_writes') } as const;
      const store = await openStore(location, { readOnly: true });
      const batch = decodeBatch(Buffer.from(makeSentBatch('refused.0').body), categories);
      expectProblem(await problemOfAsync(store.append([{ batch }])), 'database_readonly', 'READ ONLY');
      await store.close();
      expect(await withMysql(server.url('no_writes'), (ask) => findFaults(ask, []))).toEqual([]);
    });

    test('that are taken away while a logger runs make it refuse for now, not for good', async () => {
      await initDatabase(server.url('taken'));
      await createUser('writer', 'SELECT, INSERT, UPDATE, DELETE ON taken.*');
      const logger = await startLogger(['--mysql', urlAs('writer', 'taken')]);
      const batches = ['taken.0', 'taken.1'].map((name) => makeSentBatch(name));
      expect((await postBatch(logger.url, batches[0]!)).status).toBe(200);
      // Sessions that are there keep the rights that they began with.
      const grant = (sql: string) =>
        withMysql(server.url(''), async (ask) => {
          await ask(sql);
          await ask('KILL CONNECTION USER writer');
        });
      await grant("REVOKE INSERT ON taken.* FROM writer@'%'");
      const refused = await postBatch(logger.url, batches[1]!);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await refused.json()).toMatchObject({ error: { code: 'database_denied' } });
      await grant("GRANT INSERT ON taken.* TO writer@'%'");
      expect((await postBatch(logger.url, batches[1]!)).status).toBe(200);
      await logger.stop();
      expect(await withMysql(server.url('taken'), (ask) => findFaults(ask, batches))).toEqual([]);
    });
  });

  test('names keep every character, whatever mode the server is in', async () => {
    await initDatabase(server.url('quoting'));
    const store = await openStore({ backend: 'mysql', address: server.url('quoting') });
    const names = [
      "o'brien",
      'back\\slash',
      "\\', 0, 0); DROP TABLE batch; -- ",
      'a"b`c',
      '%_\n\r\t\x1a',
      '\u{1f600}',
      '?',
      ':x',
    ];
    const entries = names.map((name, pid) => ({ process: name, pid, stack: `a;${name}`, elapsed: pid }));
    const body = {
      hostname: names[2]!.slice(0, 30),
      time: '2026-01-05',
      labels: { [names[1]!]: names[0]! },
      offcputime: entries,
    };
    const batch = decodeBatch(Buffer.from(JSON.stringify(body)), categories);
    await store.append([{ batch, key: "k'\\" }]);
    expect(await store.append([{ batch, key: "k'\\" }])).toMatchObject([{ repeated: true }]);
    await store.close();
    await withMysql(server.url('quoting'), async (ask) => {
      const rows = await ask('SELECT hostname, process, stack FROM offcputime ORDER BY pid');
      expect(rows).toEqual(entries.map(({ process, stack }) => [body.hostname, process, stack]));
      expect(await ask('SELECT labels FROM source')).toEqual([[JSON.stringify(body.labels)]]);
    });
    for (const name of names) {
      const literal = `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
      const where = ['--where', `process = ${literal}`, '--format', 'ndjson', '--select', 'pid'];
      const query = runKernelscope(['query', '--mysql', server.url('quoting'), ...where]);
      expect([name, query.stdout]).toEqual([name, `{"pid":${names.indexOf(name)}}\n`]);
    }
  });

  test('many writers at once, behind several loggers, store everything once', async () => {
    await initDatabase(server.url('several'));
    const loggers = await Promise.all(
      Array.from({ length: 3 }, () => startLogger(['--mysql', server.url('several')])),
    );
    const clients = startClients(9, () => loggers.map(({ url }) => url));
    await clients.untilAcknowledged(150);
    await clients.finish();
    const together = Array.from({ length: 20 }, (_, number) => makeSentBatch(`together.${number}`));
    for (const batch of together) {
      const answers = await Promise.all(loggers.map(async ({ url }) => (await postBatch(url, batch)).text()));
      expect(answers).toEqual(answers.map(() => acceptedAnswer(batch)));
    }
    for (const logger of loggers) await logger.stop();
    const all = [...clients.acknowledged, ...together];
    expect(await withMysql(server.url('several'), (ask) => findFaults(ask, all))).toEqual([]);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'a server that ends by %s and comes back is gone for a while to a logger, and nothing is lost or doubled',
    async (signal) => {
      const database = `restarted_${signal.toLowerCase()}`;
      await initDatabase(server.url(database));
      const logger = await startLogger(['--mysql', server.url(database)]);
      const clients = startClients(4, () => [logger.url]);
      for (let round = 0; round < 3; round++) {
        await clients.untilAcknowledged(20);
        await server.down(signal);
        const refused = await postBatch(logger.url, makeSentBatch('away.0'));
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
        expect(await refused.json()).toMatchObject({ error: { code: 'database_unavailable' } });
        expect((await fetch(`${logger.url}/readyz`)).status).toBe(503);
        expect((await fetch(`${logger.url}/healthz`)).status).toBe(200);
        await server.start();
      }
      await clients.untilAcknowledged(20);
      await clients.finish();
      expect((await fetch(`${logger.url}/readyz`)).status).toBe(200);
      expect(await logger.stop()).toBe(0);
      expect(clients.answers.get(503)).toBeGreaterThan(0);
      const faults = withMysql(server.url(database), (ask) => findFaults(ask, clients.acknowledged));
      expect(await faults).toEqual([]);
    },
  );
});
