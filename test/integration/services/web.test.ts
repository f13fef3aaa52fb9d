import { request } from 'node:http';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { servicesOfFile } from '../../support/run-services.ts';
import { batchOf, offcputimeBatch } from '../../support/sample-batch.ts';
import { everything } from '../../support/sample-categories.ts';
import { type Answer, errorOf, sendJson, sendRequest } from '../../support/send-request.ts';

const services = await servicesOfFile({ categories: [everything] });
const { webUrl, file } = services;
const api = `${webUrl}/api`;

function ask(query: unknown): Promise<Answer> {
  return sendJson(api, query);
}

async function answered(query: unknown): Promise<unknown> {
  const answer = await ask(query);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return JSON.parse(answer.text);
}

beforeAll(async () => {
  const store = await openStore({ backend: 'sqlite', address: file });
  const rows = offcputimeBatch(
    [
      ['dd', 1, 'sys_write;btrfs_file_write;some_enospc_function', 123_450],
      ['dd', 1, 'sys_write;btrfs_file_write;prepare_pages', 6],
      ['fio', 2, 'sys_read', 1000],
    ],
    { lost: 5 },
  );
  await store.append([{ batch: rows }, { batch: batchOf(3, { hostname: 'other', lost: 7, timeUs: 0 }) }]);
  await store.close();
});

test('getcategories answers every category, its columns in order', async () => {
  const answer = await sendRequest(`${webUrl}/api/getcategories`);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(answer.text).toContain(
    '{"offcputime":[{"name":"hostname","type":"string","prettyname":"Hostname"},{"name":"time","type":"timestamp","prettyname":"Time"},{"name":"process","type":"string","prettyname":"Process"},{"name":"pid","type":"int","prettyname":"PID"},{"name":"stack","type":"stack","prettyname":"Stack"},{"name":"elapsed","type":"elapsed","prettyname":"Elapsed","unit":"ns"},',
  );
  expect(Object.keys(JSON.parse(answer.text))).toEqual(['offcputime', 'everything']);
});

describe('lists', () => {
  test('hold the asked elements in the asked order', async () => {
    const answer = await ask({ offcputime: { elements: ['elapsed', 'process', 'time'], limit: 1 } });
    expect(answer.text).toBe(
      '{"offcputime":[{"elapsed":123450,"process":"dd","time":"2016-10-24T17:12:43.288693Z"}]}',
    );
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test('are empty where nothing matches', async () => {
    const query = { conditions: [{ process: 'nonesuch', expr: '=' }] };
    expect((await ask({ offcputime: query })).text).toBe('{"offcputime":[]}');
    expect((await ask({ offcputime: { limit: 0 } })).text).toBe('{"offcputime":[]}');
  });

  test('of several categories come in one answer', async () => {
    const answer = await ask({
      everything: {},
      offcputime: { elements: ['pid'], sort: ['-pid', 'elapsed'], limit: 2 },
    });
    expect(answer.text).toBe('{"everything":[],"offcputime":[{"pid":2},{"pid":2}]}');
  });

  test('may be constrained by every column', async () => {
    const constraints = [
      {
        oper: 'or',
        conditions: [
          { process: 'dd', expr: '=' },
          { stack: 'sys_read', expr: 'contains' },
        ],
      },
      {
        oper: 'and',
        conditions: [
          { elapsed: 1000, expr: '<=' },
          { time: '2016-10-24 17:12', expr: '>' },
        ],
      },
    ];
    expect(
      await answered({ offcputime: { elements: ['process', 'elapsed'], constraints, sort: ['elapsed'] } }),
    ).toEqual({
      offcputime: [
        { process: 'dd', elapsed: 6 },
        { process: 'fio', elapsed: 1000 },
      ],
    });
  });

  test('come with what was lost on the hosts and times that were asked about', async () => {
    const lost = async (query: object) => (await ask({ offcputime: query })).headers['kernelscope-lost'];
    expect(await lost({})).toBe('12');
    expect(await lost({ conditions: [{ hostname: 'other', expr: '=' }] })).toBe('7');
    expect(await lost({ conditions: [{ process: 'nonesuch', expr: '=' }] })).toBe('12');
    expect(
      await lost({
        format: 'flamegraph',
        elements: ['stack'],
        conditions: [{ time: '2000-01-01', expr: '>' }],
      }),
    ).toBe('5');
  });
});

describe('groups', () => {
  test('are a list of what they go by and what was worked out', async () => {
    const groupby = ['process', 'leaf'];
    const aggregates = ['count', 'sum(elapsed)', 'p100(elapsed)', 'min(time)'];
    const conditions = [{ hostname: 'destiny', expr: '=' }];
    expect(
      await answered({ offcputime: { groupby, aggregates, sort: ['-sum(elapsed)'], limit: 2, conditions } }),
    ).toEqual({
      offcputime: [
        {
          process: 'dd',
          leaf: 'some_enospc_function',
          count: 1,
          'sum(elapsed)': 123_450,
          'p100(elapsed)': 123_450,
          'min(time)': '2016-10-24T17:12:43.288693Z',
        },
        {
          process: 'fio',
          leaf: 'sys_read',
          count: 1,
          'sum(elapsed)': 1000,
          'p100(elapsed)': 1000,
          'min(time)': '2016-10-24T17:12:43.288693Z',
        },
      ],
    });
    expect(
      await answered({
        everything: { groupby: ['label'] },
        offcputime: { aggregates: ['hist(pid)'], conditions },
      }),
    ).toEqual({
      everything: [],
      offcputime: [
        {
          'hist(pid)': [
            { from: 1, to: 2, count: 2 },
            { from: 2, to: 4, count: 1 },
          ],
        },
      ],
    });
  });

  test('of times leave as times', async () => {
    const query = { groupby: ['time:1m'], conditions: [{ hostname: 'destiny', expr: '=' }] };
    expect(await answered({ offcputime: query })).toEqual({
      offcputime: [{ time: '2016-10-24T17:12:00.000000Z', count: 3 }],
    });
  });
});

describe('lines', () => {
  const askLines = (query: unknown) =>
    sendRequest(api, {
      body: JSON.stringify(query),
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
    });

  test('hold a record each, with what was lost and how many batches the question was about', async () => {
    const query = {
      elements: ['pid', 'time'],
      sort: ['elapsed'],
      conditions: [{ hostname: 'destiny', expr: '=' }],
    };
    const answer = await askLines({ offcputime: query });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    expect([answer.headers['kernelscope-lost'], answer.headers['kernelscope-batches']]).toEqual(['5', '1']);
    const time = '"time":"2016-10-24T17:12:43.288693Z"';
    expect(answer.text).toBe(`{"pid":1,${time}}\n{"pid":2,${time}}\n{"pid":1,${time}}\n`);
  });

  test('hold a group each, with how many there are in all', async () => {
    const answer = await askLines({ offcputime: { groupby: ['process'], limit: 1 } });
    expect(answer.text).toBe('{"process":"dd","count":2}\n');
    expect([answer.headers['kernelscope-groups'], answer.headers['kernelscope-records']]).toEqual(['5', '6']);
  });

  test('are none where nothing matches', async () => {
    const conditions = [{ process: 'nonesuch', expr: '=' }];
    for (const query of [{ conditions }, { conditions, groupby: ['process'] }, { limit: 0 }]) {
      const answer = await askLines({ offcputime: query });
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
  });

  test.each([
    [{ offcputime: {}, everything: {} }],
    [{ offcputime: { format: 'flamegraph', elements: ['stack'] } }],
    [{ offcputime: { conditions: [{ process: '(', expr: '~' }] } }],
  ])('are refused of %j', async (query) => {
    const answer = await askLines(query);
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/json; charset=utf-8']);
    expect(errorOf(answer).message.length).toBeGreaterThan(10);
  });
});

describe('flame graphs', () => {
  const dd = { oper: 'and', conditions: [{ process: 'dd', expr: '=' }] };

  test('are trees whose values are inclusive, children by name, none on a leaf', async () => {
    const query = { elements: ['stack', 'elapsed'], format: 'flamegraph', ...dd };
    expect(await answered({ offcputime: query })).toEqual({
      name: 'root',
      value: 123_456,
      children: [
        {
          name: 'sys_write',
          value: 123_456,
          children: [
            {
              name: 'btrfs_file_write',
              value: 123_456,
              children: [
                { name: 'prepare_pages', value: 6 },
                { name: 'some_enospc_function', value: 123_450 },
              ],
            },
          ],
        },
      ],
    });
  });

  test('count records where no column weighs them', async () => {
    for (const elements of [['stack'], ['stack', 'count']])
      expect(await answered({ offcputime: { elements, format: 'flamegraph', ...dd } })).toMatchObject({
        value: 2,
      });
  });

  test('of nothing are a root alone', async () => {
    const query = { elements: ['stack'], format: 'flamegraph', conditions: [{ pid: 99, expr: '=' }] };
    expect((await ask({ offcputime: query })).text).toBe('{"name":"root","value":0,"children":[]}');
  });
});

describe('what is wrong is refused with 400 and a reason', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'bad_query'],
    ['nothing', '', 'bad_query'],
    ['no category', {}, 'bad_query'],
    ['an unknown category', { nonesuch: {} }, 'unknown_category'],
    ['an unknown column', { offcputime: { elements: ['nonesuch'] } }, 'unknown_column'],
    ['an unknown operator', { offcputime: { conditions: [{ pid: 1, expr: '==' }] } }, 'unknown_operator'],
    ['a value of another type', { offcputime: { conditions: [{ pid: 'x', expr: '=' }] } }, 'bad_value'],
    [
      'a regular expression that is none',
      { offcputime: { conditions: [{ process: '(', expr: '~' }] } },
      'bad_value',
    ],
    [
      'three elements in a flame graph',
      { offcputime: { format: 'flamegraph', elements: ['stack', 'pid', 'elapsed'] } },
      'bad_query',
    ],
    [
      'two categories in a flame graph',
      { offcputime: { format: 'flamegraph', elements: ['stack'] }, everything: {} },
      'bad_query',
    ],
    ['an unknown key', { offcputime: { where: 'pid = 1' } }, 'bad_query'],
  ])('%s', async (_what, query, code) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const error = errorOf(answer);
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(10);
    expect(Array.isArray(error.suggestions)).toBe(true);
    expect(Object.keys(JSON.parse(answer.text).error)).toEqual(['code', 'message', 'suggestions']);
  });

  test('bytes that are no text', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await sendRequest(api, { body: Buffer.from('{"a\xff":1}', 'latin1'), headers });
    expect([answer.status, errorOf(answer).message]).toEqual([400, 'the body is not valid UTF-8']);
  });

  test('another type, another method, another address, too large a question', async () => {
    expect((await sendRequest(api, { body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(
      415,
    );
    expect((await sendRequest(api)).status).toBe(405);
    expect((await sendJson(`${webUrl}/api/getcategories`, {})).status).toBe(405);
    expect((await sendRequest(`${webUrl}/api/nonesuch`)).status).toBe(404);
    expect((await sendJson(webUrl, {})).status).not.toBe(200);
    const answer = await ask(`{"offcputime":{}${' '.repeat(2 * 1024 * 1024)}}`);
    expect([answer.status, errorOf(answer).code]).toEqual([413, 'too_large']);
  });
});

test('it is alive and ready, and counts for Prometheus', async () => {
  for (const path of ['/healthz', '/readyz'])
    expect(await sendRequest(`${webUrl}${path}`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  expect((await sendRequest(`${webUrl}/metrics`)).text).toContain('process_cpu_seconds_total');
});

describe('a long list', () => {
  const ROWS = 20_000;
  const many = { offcputime: { elements: ['pid', 'stack'], conditions: [{ hostname: 'long', expr: '=' }] } };

  beforeAll(async () => {
    const store = await openStore({ backend: 'sqlite', address: file });
    await store.append([{ batch: batchOf(ROWS, { hostname: 'long' }) }]);
    await store.close();
  });

  test('is whole', async () => {
    const { offcputime } = (await answered(many)) as { offcputime: readonly { pid: number }[] };
    expect(offcputime).toHaveLength(ROWS);
    expect(offcputime.at(-1)).toEqual({ pid: ROWS - 1, stack: `a;b;s${ROWS - 1}` });
  });

  test.each([
    ['before the first byte', false],
    ['in the middle', true],
  ])('that the client hangs up on %s holds on to nothing', async (_when, afterFirst) => {
    for (let times = 0; times < 5; times++) await hangUp(afterFirst);
    // A list that was forgotten half read would keep the log of the database from ever being emptied.
    await expect.poll(() => emptyLog(file), { timeout: 20_000, interval: 50 }).toMatchObject({ busy: 0 });
    expect(await answered({ offcputime: { elements: ['pid'], limit: 1 } })).toEqual({
      offcputime: [{ pid: 1 }],
    });
  });

  function hangUp(afterFirst: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sent = request(api, { method: 'POST', headers: { 'content-type': 'application/json' } });
    sent.on('error', () => resolve());
    sent.on('response', (response) => {
      response.once('data', () => {
        sent.destroy();
        resolve();
      });
    });
    sent.end(JSON.stringify(many), () => {
      if (afterFirst) return;
      sent.destroy();
      resolve();
    });
    return promise;
  }
});

test('nothing of all this was a bug', () => {
  expect(services.bugs).toEqual([]);
});

function emptyLog(databaseFile: string): unknown {
  const database = new Database(databaseFile, { timeout: 0 });
  try {
    database.exec('CREATE TABLE IF NOT EXISTS touched (x); DROP TABLE touched');
    return (database.pragma('wal_checkpoint(TRUNCATE)') as unknown[])[0];
  } finally {
    database.close();
  }
}
