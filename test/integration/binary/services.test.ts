import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { binary, buildIfStale, runBinary, temporaryFolder } from './run-binary.ts';

beforeAll(buildIfStale, 170_000);

/** Waits for the line in which a service says where it listens. */
async function addressOf(service: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: service.stderr! })) {
    said.push(line);
    const address = /http:\/\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the service ended without an address: ${said.join('\n')}`);
}

test('the logger keeps what it is sent, by the thread inside that has the database', async () => {
  using folder = temporaryFolder();
  const database = join(folder.path, 'kernelscope.db');
  const env = { HOME: folder.path };
  expect(runBinary(['db', 'init', '--sqlite', database], { env }).exitCode).toBe(0);
  const service = spawn(binary, ['serve', 'logger', '0', '--sqlite', database], { env, cwd: folder.path });
  const ended = once(service, 'exit');
  try {
    const entry = { process: 'dd', pid: 1234, stack: 'sys_write;schedule', elapsed: 123456 };
    const response = await fetch(await addressOf(service), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ hostname: 'destiny', time: '2016-10-24 17:12:43.288693', offcputime: [entry] }),
    });
    expect(await response.json()).toEqual({ accepted: { offcputime: 1 } });
  } finally {
    service.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
  const { stdout } = runBinary(['query', '--sqlite', database, '--format', 'json'], { env });
  expect(JSON.parse(stdout)).toMatchObject([{ hostname: 'destiny', process: 'dd', elapsed: 123456 }]);
});
