import { expect, test } from 'vitest';
import { servicesOfFile } from '../../support/run-services.ts';
import { sendRequest } from '../../support/send-request.ts';

const { loggerUrl, webUrl } = await servicesOfFile();

/**
 * A client that knows the two documents of 2016 alone, word for word: it names no type for what it sends, and reads
 * what the documents promise.
 */
async function post(url: string, json: unknown): Promise<unknown> {
  const answer = await sendRequest(url, { body: JSON.stringify(json) });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text);
}

const stack = 'sys_write;btrfs_file_write;some_enospc_function_that_sucks';

test('logs', async () => {
  const entries = [
    { process: 'dd', pid: 1234, stack, elapsed: 123456 },
    { process: 'dd', pid: 1234, stack: 'sys_write;btrfs_file_write;prepare_pages', elapsed: 6 },
    { process: 'fio', pid: 99, stack: 'sys_read', elapsed: 1 },
  ];
  await post(loggerUrl, { hostname: 'destiny', time: '2016-10-24 17:12:43.288693', offcputime: entries });
});

test('lists the categories and their columns, of the types that are documented', async () => {
  const { text } = await sendRequest(`${webUrl}/api/getcategories`);
  const categories = JSON.parse(text) as Record<string, readonly Record<string, string>[]>;
  const columns = categories.offcputime!.slice(0, 6).map(({ name, type }) => [name, type]);
  expect(columns).toEqual([
    ['hostname', 'string'],
    ['time', 'timestamp'],
    ['process', 'string'],
    ['pid', 'int'],
    ['stack', 'stack'],
    ['elapsed', 'elapsed'],
  ]);
  expect(categories.offcputime!.every(({ prettyname }) => prettyname !== undefined)).toBe(true);
});

test('reads a list', async () => {
  const query = {
    elements: ['process', 'stack', 'elapsed'],
    format: 'list',
    limit: 5,
    oper: 'and',
    conditions: [
      { process: 'dd', expr: '=' },
      { stack: 'enospc', expr: 'contains' },
    ],
  };
  expect(await post(`${webUrl}/api`, { offcputime: query })).toEqual({
    offcputime: [{ process: 'dd', stack, elapsed: 123456 }],
  });
});

test('reads a list without saying what it is', async () => {
  expect(await post(`${webUrl}/api`, { offcputime: { elements: ['pid'] } })).toEqual({
    offcputime: [{ pid: 1234 }, { pid: 1234 }, { pid: 99 }],
  });
});

test('reads a flame graph for d3, weighed by time and by frequency', async () => {
  const conditions = { oper: 'or', conditions: [{ process: 'dd', expr: '=' }] };
  const byTime = { elements: ['stack', 'elapsed'], format: 'flamegraph', ...conditions };
  expect(await post(`${webUrl}/api`, { offcputime: byTime })).toEqual({
    name: 'root',
    value: 123462,
    children: [
      {
        name: 'sys_write',
        value: 123462,
        children: [
          {
            name: 'btrfs_file_write',
            value: 123462,
            children: [
              { name: 'prepare_pages', value: 6 },
              { name: 'some_enospc_function_that_sucks', value: 123456 },
            ],
          },
        ],
      },
    ],
  });
  const byFrequency = { elements: ['stack'], format: 'flamegraph', ...conditions };
  expect(await post(`${webUrl}/api`, { offcputime: byFrequency })).toMatchObject({ name: 'root', value: 2 });
});
