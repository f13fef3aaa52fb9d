import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { deliverToLogger } from '../../../src/core/agent/deliver-to-logger.ts';
import { Shipper } from '../../../src/core/agent/shipper.ts';
import { projectRoot } from '../../support/read-module.ts';
import { makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { listFiles, openTestSpool } from '../../support/spool-folder.ts';
import { withSqlite } from '../../support/sqlite-file.ts';
import { temporaryFolder } from '../../support/test-database.ts';

/** Rounds of two agents each; in every second one the logger is away. */
const ROUNDS = 4;
const MOST_TAKEN = 25;

/** Runs an agent until it has said of so many batches that they were taken, kills it, and gives those batches' hosts. */
async function runAndKill(
  url: string,
  folder: string,
  prefix: string,
  count: number,
): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'test/support/spooling-agent.ts'),
      url,
      folder,
      prefix,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  const taken: string[] = [];
  for await (const hostname of createInterface(child.stdout)) {
    taken.push(hostname);
    if (taken.length === count) child.kill('SIGKILL');
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return taken;
}

test('whenever agents are killed, two at one spool, every batch that they took arrives exactly once', async () => {
  const folder = await temporaryFolder();
  const file = await makeDatabaseFile(folder);
  const spool = join(folder, 'spool');
  let services = await startServices(file);
  const url = services.loggerUrl;
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const isAway = round % 2 === 1;
    if (isAway) await services.close();
    const agents = ['a', 'b'].map((name) =>
      runAndKill(url, spool, `${name}${round}`, 1 + randomInt(MOST_TAKEN)),
    );
    taken.push(...(await Promise.all(agents)).flat());
    if (isAway) services = await startServices(file, { loggerPort: Number(new URL(url).port) });
  }
  await new Shipper(deliverToLogger(url), openTestSpool(spool)).finish(60_000);
  expect(services.bugs).toEqual([]);
  await services.close();
  const stored = await withSqlite(
    file,
    async (ask) =>
      (await ask('SELECT hostname, COUNT(*) FROM offcputime GROUP BY hostname')) as [string, number][],
  );
  expect(stored.filter(([, count]) => count !== 3)).toEqual([]);
  const hosts = new Set(stored.map(([hostname]) => hostname));
  expect(taken.filter((hostname) => !hosts.has(hostname))).toEqual([]);
  // At most the one batch of each agent that it was about to say so of is there besides.
  expect(hosts.size - taken.length).toBeLessThanOrEqual(2 * ROUNDS);
  expect(listFiles(spool)).toEqual([]);
});
