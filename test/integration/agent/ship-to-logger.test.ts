import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deliverToLogger } from '../../../src/core/agent/deliver-to-logger.ts';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { expectProblem, problemOfAsync } from '../../support/problem.ts';
import { countRows, makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

describe('a logger that goes away and comes back', () => {
  test('gets everything, once', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const first = await startServices(file);
    const loggerPort = Number(new URL(first.loggerUrl).port);
    const shipper = new Shipper(deliverToLogger(first.loggerUrl));
    const hosts = Array.from({ length: 12 }, (_, at) => `h${at}`);
    for (const hostname of hosts.slice(0, 4)) await shipper.send(batchOf(100, { hostname }));
    await expect.poll(() => shipper.state.stored, { timeout: 20_000 }).toBeGreaterThan(0);
    await first.close();
    for (const hostname of hosts.slice(4, 8)) await shipper.send(batchOf(100, { hostname }));
    await expect.poll(() => shipper.state.trouble?.message, { timeout: 20_000 }).toContain('does not answer');
    const second = await startServices(file, { loggerPort });
    onTestFinished(() => second.close());
    for (const hostname of hosts.slice(8)) await shipper.send(batchOf(100, { hostname }));
    expect(await shipper.finish(30_000)).toEqual({ stored: 12, waiting: 0, dropped: 0 });
    expect([countRows(file, 'batch'), countRows(file, 'source'), countRows(file, 'offcputime')]).toEqual([
      12, 12, 1200,
    ]);
  });

  test('gets a batch once, although the connection was cut between its commit and its answer', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const services = await startServices(file);
    onTestFinished(() => services.close());
    let cuts = 2;
    // Stands between: passes the request on, waits for the answer, and hangs up instead of giving it.
    const url = await listening(async (body, headers, response) => {
      const answer = await fetch(services.loggerUrl, {
        method: 'POST',
        body: body as Uint8Array<ArrayBuffer>,
        headers,
      });
      if (cuts-- > 0) response.destroy();
      else response.writeHead(answer.status).end(await answer.text());
    });
    const shipper = new Shipper(deliverToLogger(url));
    await shipper.send(batchOf(10));
    await shipper.send(batchOf(20));
    expect(await shipper.finish(30_000)).toMatchObject({ stored: 2, waiting: 0 });
    expect(cuts).toBeLessThan(0);
    expect([countRows(file, 'batch'), countRows(file, 'offcputime')]).toEqual([2, 30]);
  });
});

test('a logger that is too busy is left alone for as long as it asks', async () => {
  const triesMs: number[] = [];
  const url = await listening(async (_body, _headers, response) => {
    triesMs.push(performance.now());
    if (triesMs.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.end('{"accepted":{}}');
  });
  const shipper = new Shipper(deliverToLogger(url));
  await shipper.send(batchOf(1));
  await expect.poll(() => shipper.state.stored, { timeout: 20_000 }).toBe(1);
  expect(triesMs[1]! - triesMs[0]!).toBeGreaterThanOrEqual(999);
});

describe('what trying again cannot mend ends it', () => {
  test('a wrong token, and none', async () => {
    const services = await startServices(await makeDatabaseFile(await temporaryFolder()), {
      token: 'geheim',
    });
    onTestFinished(() => services.close());
    const ship = async (options: { token?: string }) => {
      const shipper = new Shipper(deliverToLogger(services.loggerUrl, options));
      await shipper.send(batchOf(1));
      return shipper.finish(20_000);
    };
    expectProblem(await problemOfAsync(ship({})), 'unauthorized', services.loggerUrl);
    expectProblem(await problemOfAsync(ship({ token: 'other' })), 'forbidden', services.loggerUrl);
    expect(await ship({ token: 'geheim' })).toMatchObject({ stored: 1 });
  });

  test('a category that the logger does not have, with those that it has', async () => {
    const services = await startServices(await makeDatabaseFile(await temporaryFolder()));
    onTestFinished(() => services.close());
    const batch = batchOf(1);
    const entries = batch.entries.map((some) => ({
      ...some,
      category: { ...some.category, name: 'nonesuch' },
    }));
    const shipper = new Shipper(deliverToLogger(services.loggerUrl));
    await shipper.send({ ...batch, entries });
    const problem = await problemOfAsync(shipper.finish(20_000));
    expectProblem(problem, 'unknown_category', "'nonesuch'");
    expect(problem.suggestions.join()).toContain('offcputime');
  });

  test.each([
    ['something else that says yes to everything', 200, '<html>welcome</html>'],
    ['something that says nothing', 204, ''],
    ['something that knows no such address', 404, 'not found'],
    ['the web service', 405, '{"error":{"code":"nonsense"}}'],
  ])('%s', async (_what, status, text) => {
    const url = await listening(
      async (_body, _headers, response) => void response.writeHead(status).end(text),
    );
    const shipper = new Shipper(deliverToLogger(url));
    await shipper.send(batchOf(1));
    const problem = await problemOfAsync(shipper.finish(20_000));
    expectProblem(problem, 'service_unavailable', url);
    expect(problem.suggestions[0]).toContain('a kernelscope logger');
  });
});

test('a logger that is not there at the end is said so, with what was given up', async () => {
  const url = await listening(async (_body, _headers, response) => void response.destroy());
  const shipper = new Shipper(deliverToLogger(url));
  for (let sent = 0; sent < 3; sent++) await shipper.send(batchOf(1));
  const problem = await problemOfAsync(shipper.finish(600));
  expectProblem(problem, 'service_unavailable', '3 batches could not be stored', url);
  expect(problem.suggestions[0]).toContain('kernelscope serve logger');
});

test('what is sent is compressed, and says so', async () => {
  const seen: { readonly size: number; readonly headers: Headers }[] = [];
  const url = await listening(async (body, headers, response) => {
    seen.push({ size: body.byteLength, headers });
    response.end('{"accepted":{"offcputime":1000}}');
  });
  const shipper = new Shipper(deliverToLogger(url, { token: 'geheim' }));
  await shipper.send(batchOf(1000));
  await shipper.finish(20_000);
  const [{ size, headers }] = seen as [(typeof seen)[0]];
  expect(size).toBeLessThan(20_000);
  expect(headers.get('content-encoding')).toBe('gzip');
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('authorization')).toBe('Bearer geheim');
  expect(headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
});

/** Listens on a free port until the test is over, and gives the address. */
async function listening(
  answer: (body: Uint8Array, headers: Headers, response: ServerResponse) => Promise<void>,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (const name of ['content-type', 'content-encoding', 'authorization', 'idempotency-key']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    await answer(new Uint8Array(Buffer.concat(chunks)), headers, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
