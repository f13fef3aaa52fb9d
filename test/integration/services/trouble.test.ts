import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpServer, listen } from '../../../src/core/service/http-server.ts';
import { createLogger } from '../../../src/core/service/logger.ts';
import { serve } from '../../../src/core/service/serve.ts';
import { openStoreInWorker } from '../../../src/core/store/thread/worker-store.ts';
import { encodeBatch } from '../../../src/core/wire/encode-batch.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import {
  countRows,
  lockDatabase,
  makeDatabaseFile,
  startServices,
  type TestServices,
} from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { type Answer, errorOf, sendJson, sendRequest } from '../../support/send-request.ts';
import { temporaryFolder } from '../../support/test-database.ts';

const body = encodeBatch(batchOf(1));
const loopback = { host: '127.0.0.1', port: 0 };

async function freshServices(options: Parameters<typeof startServices>[1] = {}): Promise<TestServices> {
  const services = await startServices(await makeDatabaseFile(await temporaryFolder()), options);
  onTestFinished(() => services.close());
  return services;
}

/** Reads how many bytes of bodies a logger holds. */
async function queuedBytes(loggerUrl: string): Promise<number> {
  const { text } = await sendRequest(`${loggerUrl}/metrics`);
  return Number(/^kernelscope_queued_bytes (\S+)$/m.exec(text)?.[1]);
}

describe('while the database is locked by another program', () => {
  test('a batch waits for a while, and is stored if the lock goes', async () => {
    const { loggerUrl, file } = await freshServices();
    const unlock = lockDatabase(file);
    onTestFinished(unlock);
    const answer = sendJson(loggerUrl, body);
    await expect.poll(() => queuedBytes(loggerUrl), { timeout: 10_000 }).toBeGreaterThan(0);
    unlock();
    expect((await answer).text).toBe('{"accepted":{"offcputime":1}}');
  });

  test('it is refused with 503 and Retry-After if the lock stays, and passes later under the same key', async () => {
    const { loggerUrl, webUrl, file, bugs } = await freshServices();
    const unlock = lockDatabase(file);
    onTestFinished(unlock);
    const key = { 'idempotency-key': 'once' };
    const answer = await sendJson(loggerUrl, body, key);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(errorOf(answer)).toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(file),
    });
    // Readers go on: a lock to write is no lock to read.
    expect(await sendJson(`${webUrl}/api`, { offcputime: {} })).toMatchObject({
      status: 200,
      text: '{"offcputime":[]}',
    });
    unlock();
    expect((await sendJson(loggerUrl, body, key)).text).toBe('{"accepted":{"offcputime":1}}');
    expect(countRows(file, 'offcputime')).toBe(1);
    expect(bugs).toEqual([]);
  });
});

test('while as much waits as may, more is refused with 429 and Retry-After, and what waits is stored', async () => {
  const file = await makeDatabaseFile(await temporaryFolder());
  const store = await openStoreInWorker({ location: { backend: 'sqlite', address: file }, options: {} });
  onTestFinished(() => store.close());
  const bugs: Error[] = [];
  const logger = createLogger(store, {
    onBug: (error) => bugs.push(error),
    maxQueuedBytes: body.length + 100,
  });
  onTestFinished(() => logger.close());
  const url = `http://127.0.0.1:${await listen(logger, loopback.host, 0)}`;
  const unlock = lockDatabase(file);
  onTestFinished(unlock);

  const waiting = sendJson(url, body);
  await expect.poll(() => queuedBytes(url), { timeout: 10_000 }).toBe(body.length);
  const refused: Answer[] = await Promise.all([
    sendJson(url, body),
    // Before it is read: the size that is announced is enough to know.
    sendRequest(url, { body: Buffer.alloc(10_000_000), headers: { 'content-type': 'application/json' } }),
    sendRequest(url, { body, isChunked: true, headers: { 'content-type': 'application/json' } }),
  ]);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(errorOf(answer)).toMatchObject({ code: 'queue_full' });
  }
  expect((await sendRequest(`${url}/healthz`)).status).toBe(200);
  unlock();
  expect((await waiting).status).toBe(200);
  expect((await sendJson(url, body)).status).toBe(200);
  expect(await queuedBytes(url)).toBe(0);
  expect(countRows(file, 'offcputime')).toBe(2);
  expect(bugs).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)(
  'while the disk is full batches are refused with 503, and once there is room again they are stored (needs root to mount)',
  async () => {
    const folder = join(await temporaryFolder(), 'small-disk');
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
    const file = await makeDatabaseFile(folder);
    const services = await startServices(file);
    onTestFinished(() => services.close());
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2_000_000));

    let stored = 0;
    let refused: Answer | undefined;
    while (refused === undefined) {
      const answer = await sendJson(
        services.loggerUrl,
        encodeBatch(batchOf(2000, { hostname: `h${stored}` })),
      );
      if (answer.status === 200) stored++;
      else refused = answer;
      expect(stored).toBeLessThan(200);
    }
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(errorOf(refused)).toMatchObject({ code: 'database_full', message: expect.stringContaining(file) });

    rmSync(ballast);
    expect((await sendJson(services.loggerUrl, encodeBatch(batchOf(1)))).status).toBe(200);
    expect(countRows(file, 'batch')).toBe(stored + 1);
    expect(countRows(file, 'offcputime_row')).toBe(stored * 2000 + 1);
    expect(services.bugs).toEqual([]);
  },
);

describe('with a token', () => {
  test('both services let in who has it, and tell those who have not what is missing', async () => {
    const { loggerUrl, webUrl } = await freshServices({ token: 'geheim' });
    const doors: readonly ((headers: Readonly<Record<string, string>>) => Promise<Answer>)[] = [
      (headers) => sendJson(loggerUrl, body, headers),
      (headers) => sendRequest(`${webUrl}/api/getcategories`, { headers }),
      (headers) => sendJson(`${webUrl}/api`, { offcputime: {} }, headers),
    ];
    for (const knock of doors) {
      for (const authorization of ['Bearer geheim', 'bearer   geheim '])
        expect((await knock({ authorization })).status).toBe(200);
      for (const headers of [
        {},
        { authorization: 'geheim' },
        { authorization: 'Basic Z2VoZWlt' },
        { authorization: 'Bearer ' },
      ]) {
        const answer = await knock(headers as Readonly<Record<string, string>>);
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([
          401,
          'Bearer realm="kernelscope"',
        ]);
        expect(errorOf(answer).code).toBe('unauthorized');
      }
      for (const token of ['Geheim', 'geheim2', 'x'])
        expect(await knock({ authorization: `Bearer ${token}` })).toMatchObject({ status: 403 });
    }
  });

  test('who watches needs none, and who may not log is told so before anything else', async () => {
    const { loggerUrl, webUrl } = await freshServices({ token: 'geheim' });
    for (const url of [loggerUrl, webUrl])
      for (const path of ['/healthz', '/readyz', '/metrics'])
        expect((await sendRequest(`${url}${path}`)).status).toBe(200);
    expect(
      (await sendRequest(loggerUrl, { body: 'x', headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(401);
    expect((await sendRequest(loggerUrl, { body: Buffer.alloc(20_000_000) })).status).toBe(401);
  });
});

test('what the tracer of 2016 sends is turned around on the way in', async () => {
  const { loggerUrl, webUrl } = await freshServices({ legacyOffcputime: true });
  const sent = {
    hostname: 'destiny',
    time: '2016-10-24 17:12:43.288693',
    offcputime: [{ process: 'dd', pid: 1, stack: 'schedule;wait_for_space;sys_write', elapsed: 5000 }],
  };
  expect((await sendRequest(loggerUrl, { body: JSON.stringify(sent) })).status).toBe(200);
  const answer = await sendJson(`${webUrl}/api`, { offcputime: { elements: ['stack', 'elapsed'] } });
  expect(JSON.parse(answer.text)).toEqual({
    offcputime: [{ stack: 'sys_write;wait_for_space;schedule', elapsed: 5_000_000 }],
  });
});

describe('the end', () => {
  test('comes after the requests that are under way, and nothing listens then', async () => {
    const services = await freshServices();
    const unlock = lockDatabase(services.file);
    onTestFinished(unlock);
    const answer = sendJson(services.loggerUrl, body);
    await expect.poll(() => queuedBytes(services.loggerUrl), { timeout: 10_000 }).toBeGreaterThan(0);
    const closed = services.close();
    unlock();
    expect((await answer).text).toBe('{"accepted":{"offcputime":1}}');
    await closed;
    await expect(sendRequest(`${services.loggerUrl}/healthz`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await expect(sendRequest(`${services.webUrl}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(countRows(services.file, 'offcputime')).toBe(1);
  });

  test('does not wait for connections that nobody uses', async () => {
    const services = await freshServices();
    const { hostname, port } = new URL(services.loggerUrl);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const closed = once(idle, 'close');
    await services.close();
    await closed;
  });

  test('may be asked for twice', async () => {
    const services = await freshServices();
    await Promise.all([services.close(), services.close()]);
    await services.close();
  });
});

describe('services that cannot start say why, and leave nothing running', () => {
  const onBug = () => {};

  test('a port that another process listens on', async () => {
    const other = createServer().listen(0, loopback.host);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const file = await makeDatabaseFile(await temporaryFolder());
    const location = { backend: 'sqlite', address: file } as const;
    const problem = await problemOfAsync(
      serve({
        location,
        create: false,
        onBug,
        logger: { ...loopback, legacyOffcputime: false },
        web: { host: loopback.host, port },
      }),
    );
    expectProblem(problem, 'port_in_use', String(port));
    expect(problem.suggestions.join()).toContain('ss -ltnp');
    // The logger, which had started, is gone: nothing holds the file or the log that belongs to it.
    lockDatabase(file)();
    const running = await serve({ location, create: false, onBug, web: loopback });
    await running.close();
  });

  test('an address that is none of this machine', async () => {
    const location = { backend: 'sqlite', address: await makeDatabaseFile(await temporaryFolder()) } as const;
    const web = { host: '192.0.2.1', port: 0 };
    const problem = await problemOfAsync(serve({ location, create: false, onBug, web }));
    expectProblem(problem, 'usage', '192.0.2.1');
  });

  test('a database that is missing, or none', async () => {
    const folder = await temporaryFolder();
    const address = join(folder, 'nonesuch.db');
    const missing = serve({ location: { backend: 'sqlite', address }, create: false, onBug, web: loopback });
    expectProblem(await problemOfAsync(missing), 'database_missing', address);
    const none = serve({
      location: { backend: 'sqlite', address: folder },
      create: true,
      onBug,
      web: loopback,
    });
    expectProblem(await problemOfAsync(none), 'database_invalid', folder);
  });

  test('a service in place of a database', async () => {
    const location = { backend: 'server', address: 'http://localhost:1' } as const;
    expectProblem(
      await problemOfAsync(serve({ location, create: false, onBug, web: loopback })),
      'usage',
      'service',
    );
  });
});

test('what goes wrong inside is told to the log, and to the client only that it did', async () => {
  const bugs: Error[] = [];
  const server = createHttpServer({ maxBodyBytes: 1000, onBug: (error) => bugs.push(error) });
  onTestFinished(() => server.close());
  server.get('/', () => {
    throw new TypeError('secret inner workings');
  });
  const answer = await sendRequest(`http://127.0.0.1:${await listen(server, loopback.host, 0)}`);
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable']);
  expect(answer.text).not.toContain('secret');
  expect(bugs.map(({ message }) => message)).toEqual(['secret inner workings']);
});
