import { request } from 'node:http';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readDeclaration } from '../../../src/core/category/read-declaration.ts';
import { countRows, servicesOfFile } from '../../support/run-services.ts';
import { everything } from '../../support/sample-categories.ts';
import { errorOf, sendJson, sendRequest } from '../../support/send-request.ts';

const services = await servicesOfFile({ categories: [everything] });
const { loggerUrl, file } = services;

const entry = { process: 'dd', pid: 1234, stack: 'sys_write;wait_for_space', elapsed: 123456 };
const batch = { hostname: 'destiny', time: '2016-10-24 17:12:43.288693', offcputime: [entry] };
const text = JSON.stringify(batch);
const json = { 'content-type': 'application/json' };

/** Sends what must be refused, and checks that nothing was stored. */
async function refusal(sent: Parameters<typeof sendRequest>[1]) {
  const before = countRows(file, 'batch');
  const answer = await sendRequest(loggerUrl, { method: 'POST', ...sent });
  expect(countRows(file, 'batch')).toBe(before);
  return { answer, error: errorOf(answer) };
}

describe('a batch', () => {
  test('is accepted once it is stored', async () => {
    const rows = countRows(file, 'offcputime');
    const answer = await sendJson(loggerUrl, batch);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"accepted":{"offcputime":1}}');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(countRows(file, 'offcputime')).toBe(rows + 1);
  });

  test('of several categories, with labels and what was lost', async () => {
    const row = { label: 'l', trace: 't', size: 1, latency: 2, started: '2016-10-24' };
    const whole = { ...batch, labels: { kernel: 'v6.12' }, lost: 3, everything: [row, row] };
    const answer = await sendJson(loggerUrl, whole);
    expect(JSON.parse(answer.text)).toEqual({ accepted: { offcputime: 1, everything: 2 } });
  });

  test('may have columns in place of entries, in one category and not in another', async () => {
    const one = { dictionary: ['l'], indices: [0, 0, 0] };
    const columns = {
      label: one,
      note: { dictionary: ['n'], indices: [null, 0, null] },
      trace: one,
      size: [1, 2, 3],
      latency: [4, 5, 6],
      started: ['2016-10-24', '2016-10-25', '2016-10-26'],
      time: [null, null, '2016-10-27T00:00:00Z'],
    };
    const rows = countRows(file, 'everything');
    const answer = await sendJson(loggerUrl, { ...batch, everything: columns });
    expect(JSON.parse(answer.text)).toEqual({ accepted: { offcputime: 1, everything: 3 } });
    expect(countRows(file, 'everything')).toBe(rows + 3);
  });

  test('without entries is accepted: it tells of a host that had nothing to say', async () => {
    expect((await sendJson(loggerUrl, { ...batch, offcputime: [] })).text).toBe(
      '{"accepted":{"offcputime":0}}',
    );
  });

  test.each([
    ['no type at all, as the tracers of 2016 send it', {}],
    ['a charset', { 'content-type': 'application/json; charset=UTF-8' }],
    ['capital letters', { 'content-type': 'Application/JSON' }],
    ['a type that is JSON underneath', { 'content-type': 'application/vnd.trace+json' }],
  ])('may come with %s', async (_what, headers) => {
    expect((await sendRequest(loggerUrl, { body: text, headers })).status).toBe(200);
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('may come as %s', async (encoding, body) => {
    const headers = { ...json, 'content-encoding': encoding };
    expect((await sendRequest(loggerUrl, { body, headers })).status).toBe(200);
  });

  test('may come in chunks', async () => {
    expect((await sendRequest(loggerUrl, { body: text, headers: json, isChunked: true })).status).toBe(200);
  });

  test('may come to an address with a query', async () => {
    expect((await sendJson(`${loggerUrl}/?from=cron`, batch)).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  test('makes sending again harmless: the same answer, nothing stored', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const first = await sendJson(loggerUrl, batch, key);
    const rows = countRows(file, 'offcputime');
    const two = { ...batch, offcputime: [entry, entry] };
    const second = await sendJson(loggerUrl, two, key);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(countRows(file, 'offcputime')).toBe(rows);
    expect((await sendJson(loggerUrl, two, { 'idempotency-key': 'k-2' })).text).toBe(
      '{"accepted":{"offcputime":2}}',
    );
  });

  test('that comes many times at once counts once', async () => {
    const rows = countRows(file, 'offcputime');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => sendJson(loggerUrl, batch, { 'idempotency-key': 'k-3' })),
    );
    expect(new Set(answers.map(({ status, text: said }) => `${status} ${said}`))).toEqual(
      new Set(['200 {"accepted":{"offcputime":1}}']),
    );
    expect(countRows(file, 'offcputime')).toBe(rows + 1);
  });

  test('is not used up by a batch that was refused', async () => {
    const key = { 'idempotency-key': 'k-4' };
    expect((await sendJson(loggerUrl, { ...batch, offcputime: [{}] }, key)).status).toBe(400);
    expect((await sendJson(loggerUrl, batch, key)).text).toBe('{"accepted":{"offcputime":1}}');
  });

  test.each(['', 'a b', 'ключ', 'x'.repeat(192)])('%j is refused', async (key) => {
    const value = Buffer.from(key).toString('latin1');
    const { answer, error } = await refusal({ body: text, headers: { ...json, 'idempotency-key': value } });
    expect([answer.status, error.code]).toEqual([400, 'bad_batch']);
    expect(error.message).toContain('Idempotency-Key');
  });
});

describe('refused with 400', () => {
  test.each([
    ['nothing', '', 'not valid JSON'],
    ['no JSON', 'hostname=destiny', 'not valid JSON'],
    ['JSON that is cut off', text.slice(0, -5), 'not valid JSON'],
    ['an array', '[]', 'an array, not a JSON object'],
    ['no host', JSON.stringify({ ...batch, hostname: undefined }), "'hostname' is missing"],
    ['no time', JSON.stringify({ ...batch, time: undefined }), "'time' is missing"],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), 'not valid UTF-8'],
  ])('%s', async (_what, body, says) => {
    const { answer, error } = await refusal({ body, headers: json });
    expect([answer.status, error.code]).toEqual([400, 'bad_batch']);
    expect(error.message).toContain(says);
  });

  test('one bad value of a column, which is named', async () => {
    const pid = new Array(500).fill(1);
    pid[321] = 1.5;
    const one = { dictionary: ['x'], indices: new Array(500).fill(0) };
    const offcputime = { process: one, pid, stack: one, elapsed: new Array(500).fill(1) };
    const { answer, error } = await refusal({
      body: JSON.stringify({ ...batch, offcputime }),
      headers: json,
    });
    expect(answer.status).toBe(400);
    expect(error.message).toContain("offcputime, entry 321, column 'pid': 1.5 is not a whole number");
  });

  test('one bad entry of many, which is named', async () => {
    const entries = [...new Array(50).fill(entry), { ...entry, elapsed: -1 }];
    const { answer, error } = await refusal({
      body: JSON.stringify({ ...batch, offcputime: entries }),
      headers: json,
    });
    expect(answer.status).toBe(400);
    expect(error).toEqual({
      code: 'bad_batch',
      message: "offcputime, entry 50, column 'elapsed': -1 is negative",
      suggestions: [],
    });
  });

  test.each([
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['gzip', Buffer.from(text)],
    ['zstd', zstdCompressSync(text).subarray(0, 15)],
    ['zstd', Buffer.from(text)],
  ])('a body that is not the %s it is said to be', async (encoding, body) => {
    const { answer, error } = await refusal({ body, headers: { ...json, 'content-encoding': encoding } });
    expect([answer.status, error.code]).toEqual([400, 'bad_batch']);
    expect(error.message).toContain(encoding);
  });
});

test('404 for a category that is not there, with those that are', async () => {
  const { answer, error } = await refusal({ body: JSON.stringify({ ...batch, offcpu: [] }), headers: json });
  expect([answer.status, error.code]).toEqual([404, 'unknown_category']);
  expect(error.suggestions.join('\n')).toContain('there are: offcputime, everything');
});

test('404 for an address that is not there, 405 for a method that it does not take', async () => {
  expect(errorOf(await sendRequest(`${loggerUrl}/nonesuch`))).toMatchObject({ code: 'not_found' });
  expect((await sendJson(`${loggerUrl}/api`, {})).status).toBe(404);
  expect((await sendRequest(`${loggerUrl}/%zz`)).status).toBe(400);
  for (const [method, path, allow] of [
    ['GET', '/', 'POST'],
    ['PUT', '/', 'POST'],
    ['DELETE', '/', 'POST'],
    ['POST', '/healthz', 'GET'],
    ['POST', '/healthz/', 'GET'],
    ['PATCH', '/metrics?x=1', 'GET'],
  ]) {
    const answer = await sendRequest(`${loggerUrl}${path}`, { method: method! });
    expect([method, path, answer.status, answer.headers.allow]).toEqual([method, path, 405, allow]);
    expect(errorOf(answer).code).toBe('method_not_allowed');
  }
});

describe('refused with 413', () => {
  const MIB = 1024 * 1024;

  test('a body that is too large as it is, whether it says so or not', async () => {
    for (const isChunked of [false, true]) {
      const { answer, error } = await refusal({
        body: Buffer.alloc(17 * MIB, 0x20),
        headers: json,
        isChunked,
      });
      expect([answer.status, error.code]).toEqual([413, 'too_large']);
    }
  });

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('a few bytes of %s that are too large once they are unpacked', async (encoding, compress) => {
    const body = compress(Buffer.alloc(200 * MIB));
    expect(body.length).toBeLessThan(MIB);
    const { answer, error } = await refusal({ body, headers: { ...json, 'content-encoding': encoding } });
    expect([answer.status, error.code]).toEqual([413, 'too_large']);
    expect(error.message).toContain(String(64 * MIB));
  });

  test('and the logger goes on', async () => {
    expect((await sendJson(loggerUrl, batch)).status).toBe(200);
  });
});

describe('refused with 415', () => {
  test.each([
    'text/plain',
    'text/csv',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('%s', async (type) => {
    const { answer, error } = await refusal({ body: text, headers: { 'content-type': type } });
    expect([answer.status, error.code]).toEqual([415, 'unsupported_media']);
    expect(error.suggestions[0]).toContain('Content-Type: application/json');
  });

  test.each([
    ['br', brotliCompressSync(text)],
    ['gzip, gzip', gzipSync(gzipSync(text))],
    ['constructor', Buffer.from(text)],
  ])('the encoding %s', async (encoding, body) => {
    const { answer, error } = await refusal({ body, headers: { ...json, 'content-encoding': encoding } });
    expect([answer.status, error.code]).toEqual([415, 'unsupported_media']);
    expect(error.suggestions).toEqual(['encodings are: gzip, zstd, identity']);
  });
});

describe('for those who watch it', () => {
  test('it is alive and ready', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await sendRequest(`${loggerUrl}${path}`);
      expect([path, answer.status, answer.text]).toEqual([path, 200, '{"status":"ok"}']);
    }
  });

  test('it counts what it did, in the text format of Prometheus', async () => {
    const read = async () => {
      const answer = await sendRequest(`${loggerUrl}/metrics`);
      expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
      return (name: string) =>
        Number(
          answer.text
            .split('\n')
            .find((line) => line.startsWith(`${name} `))
            ?.split(' ')[1] ?? 0,
        );
    };
    const before = await read();
    await sendJson(loggerUrl, { ...batch, offcputime: [entry, entry] }, { 'idempotency-key': 'm-1' });
    await sendJson(loggerUrl, batch, { 'idempotency-key': 'm-1' });
    await sendJson(loggerUrl, { ...batch, offcputime: [{}] });
    await sendRequest(loggerUrl, { body: Buffer.alloc(17 * 1024 * 1024), headers: json });
    const now = await read();
    const grown = (name: string) => now(name) - before(name);
    expect(grown('kernelscope_batches_total{outcome="stored"}')).toBe(1);
    expect(grown('kernelscope_batches_total{outcome="repeated"}')).toBe(1);
    expect(grown('kernelscope_batches_total{outcome="bad_batch"}')).toBe(1);
    expect(grown('kernelscope_batches_total{outcome="too_large"}')).toBe(1);
    expect(grown('kernelscope_entries_total{category="offcputime"}')).toBe(2);
    expect(grown('kernelscope_append_seconds_count')).toBe(2);
    expect(now('kernelscope_queued_bytes')).toBe(0);
    expect(now('process_resident_memory_bytes')).toBeGreaterThan(0);
  });
});

test('a client that hangs up in the middle of its batch leaves nothing behind', async () => {
  const before = countRows(file, 'batch');
  for (let times = 0; times < 3; times++) {
    const sent = request(loggerUrl, { method: 'POST', headers: { ...json, 'content-length': '1000' } });
    sent.on('error', () => {});
    await new Promise<void>((resolve) => sent.write(text.slice(0, 50), () => resolve()));
    sent.destroy();
  }
  await expect
    .poll(async () => (await sendRequest(`${loggerUrl}/metrics`)).text, { timeout: 20_000 })
    .toContain('kernelscope_queued_bytes 0');
  expect(countRows(file, 'batch')).toBe(before);
});

test('nothing of all this was a bug', () => {
  expect(services.bugs).toEqual([]);
});

test('says which categories it takes, as category add --file does', async () => {
  const answer = await fetch(new URL('/categories', services.loggerUrl));
  const { categories } = (await answer.json()) as {
    readonly categories: readonly { readonly name: string }[];
  };
  expect(answer.status).toBe(200);
  expect(categories.map(({ name }) => name)).toEqual(expect.arrayContaining(['offcputime', 'everything']));
  expect(readDeclaration(categories.find(({ name }) => name === 'everything'))).toEqual(everything);
});
