import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { countRows, makeDatabaseFile } from '../../support/run-services.ts';
import { sendJson, sendRequest } from '../../support/send-request.ts';
import { temporaryFolder } from '../../support/test-database.ts';

/** A service that runs by itself, and what it said on stderr. */
interface Running {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly stdout: () => string;
  /** The first address that it named for this service. */
  address(service: string): Promise<string>;
  /** Ends it by a signal, and gives its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const program = join(projectRoot, 'bin/dev.js');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, 'serve', ...args],
    {
      env: { ...plainEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const lines: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(line));
  let stdout = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  return {
    process: child,
    lines,
    stdout: () => stdout,
    address: async (service) => {
      const find = () => lines.find((line) => line.startsWith(`${service} on `));
      await expect.poll(find, { timeout: 60_000 }).toBeDefined();
      return /http:\/\/\S+/.exec(find()!)![0];
    },
    end: async (signal) => {
      child.kill(signal);
      return (await exit)[0] as number | null;
    },
  };
}

const batch = {
  hostname: 'destiny',
  time: '2016-10-24 17:12:43.288693',
  offcputime: [{ process: 'dd', pid: 1, stack: 'a;b', elapsed: 5 }],
};

test('serve runs both services over the default database, which it makes', async () => {
  const data = await temporaryFolder();
  const running = start(['--logger-port', '0', '--web-port', '0'], { XDG_DATA_HOME: data });
  const loggerUrl = await running.address('logger');
  const webUrl = await running.address('web');
  expect((await sendJson(loggerUrl, batch)).status).toBe(200);
  const answer = await sendJson(`${webUrl}/api`, { offcputime: { elements: ['process'] } });
  expect(JSON.parse(answer.text)).toEqual({ offcputime: [{ process: 'dd' }] });
  expect(running.lines[0]).toBe(`records are in ${join(data, 'kernelscope/kernelscope.db')}`);
  expect(await running.end('SIGTERM')).toBe(0);
  expect(running.stdout()).toBe('');
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends a service in order', async (signal) => {
  const file = await makeDatabaseFile(await temporaryFolder());
  const running = start(['logger', '0', '--sqlite', file]);
  const url = await running.address('logger');
  expect((await sendJson(url, batch)).status).toBe(200);
  expect(await running.end(signal)).toBe(0);
  expect(countRows(file, 'offcputime')).toBe(1);
  await expect(sendRequest(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a token file guards a service, and is never shown', async () => {
  const folder = await temporaryFolder();
  const file = await makeDatabaseFile(folder);
  const running = start(['web', '0', '--sqlite', file], { KERNELSCOPE_TOKEN: 'geheim' });
  const url = await running.address('web');
  expect((await sendRequest(`${url}/api/getcategories`)).status).toBe(401);
  const headers = { authorization: 'Bearer geheim' };
  expect((await sendRequest(`${url}/api/getcategories`, { headers })).status).toBe(200);
  expect(await running.end('SIGTERM')).toBe(0);
  expect(running.lines.join()).not.toContain('geheim');
});

describe('a service that cannot start says why', () => {
  test('a port in use', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const first = start(['web', '0', '--sqlite', file]);
    const { port } = new URL(await first.address('web'));
    const second = await kernelscope(['serve', 'logger', port, '--sqlite', file]);
    expect([second.exitCode, second.stdout]).toEqual([69, '']);
    expect(second.stderr).toContain(`another process listens on port ${port}`);
    expect(second.stderr).toContain('ss -ltnp');
  });

  test('a database that is missing', async () => {
    const file = join(await temporaryFolder(), 'nonesuch.db');
    const ended = await kernelscope(['serve', 'logger', '0', '--sqlite', file]);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(`kernelscope db init --sqlite '${file}'`);
  });

  test('an address of another machine', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const ended = await kernelscope(['serve', 'web', '0', '--sqlite', file, '--host', '192.0.2.1']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("'192.0.2.1' is no address of this machine");
  });

  test('a trace program that there is none of', async () => {
    const file = await makeDatabaseFile(await temporaryFolder());
    const ended = await kernelscope([
      'serve',
      '--trace',
      'ofcpu',
      '--sqlite',
      file,
      '--logger-port',
      '0',
      '--web-port',
      '0',
    ]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('ofcpu');
    expect(ended.stderr).toContain("did you mean 'offcpu'?");
  });
});
