import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { offcputime } from '../../src/core/category/offcputime.ts';
import { always } from '../../src/core/query/condition.ts';
import { openStore } from '../../src/core/store/index.ts';
import { initDatabase } from './logger-databases.ts';
import { startLogger } from './logger-process.ts';
import { type LoggingClients, startClients } from './logging-client.ts';
import { makeFolder, withSqlite } from './sqlite-file.ts';
import { findFaults } from './stored-batches.ts';

const CLIENTS = 4;
/** Acknowledgements that a round waits for at most before the kill, and the longest wait after them. */
const MAX_ACKNOWLEDGED = 40;
const MAX_DELAY_MS = 40;

/** What a run of rounds came to. */
export interface KillRounds {
  /** What was wrong after a kill, each with its round; empty where all is well. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  /** Batches whose answer a kill broke off though they were stored: what idempotency keys are for. */
  readonly storedUnanswered: number;
  /** Batches that a kill broke off before their commit. */
  readonly notStored: number;
}

/**
 * Kills a logger over a SQLite file by SIGKILL, at a random point while clients post and retry; looks at the file with
 * a connection of its own, starts the logger again, and so on for as many rounds.
 */
export async function runKillRounds(rounds: number): Promise<KillRounds> {
  using folder = makeFolder();
  const file = join(folder.path, 'killed.db');
  await initDatabase(file);
  const faults: string[] = [];
  let storedUnanswered = 0;
  let notStored = 0;
  let urls: readonly string[] = [];
  const clients = startClients(CLIENTS, () => urls);
  for (let round = 1; round <= rounds; round++) {
    const logger = await startLogger(['--sqlite', file]);
    urls = [logger.url];
    const acknowledgedBefore = randomInt(MAX_ACKNOWLEDGED);
    if (acknowledgedBefore > 0) await clients.untilAcknowledged(acknowledgedBefore);
    await delay(randomInt(MAX_DELAY_MS));
    await logger.kill();
    urls = [];
    const found = await inspect(file, clients);
    faults.push(...found.faults.map((fault) => `round ${round}: ${fault}`));
    storedUnanswered += found.storedUnanswered;
    notStored += clients.pending().length - found.storedUnanswered;
  }
  const logger = await startLogger(['--sqlite', file]);
  urls = [logger.url];
  await clients.finish();
  await logger.stop();
  const { faults: lastFaults } = await inspect(file, clients);
  faults.push(...lastFaults.map((fault) => `at the end: ${fault}`));
  return { faults, acknowledged: clients.acknowledged.length, storedUnanswered, notStored };
}

/** Looks at the file as the kill left it. */
async function inspect(
  file: string,
  clients: LoggingClients,
): Promise<{ readonly faults: readonly string[]; readonly storedUnanswered: number }> {
  const pending = clients.pending();
  return withSqlite(file, async (ask, database) => {
    const faults: string[] = [];
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') faults.push(`integrity_check: ${integrity}`);
    faults.push(...(await findFaults(ask, clients.acknowledged, pending)));
    const [[count, sum]] = (await ask('SELECT COUNT(*), SUM(elapsed) FROM offcputime')) as [[number, number]];
    const weighed = await weighAll(file);
    if (weighed.elapsed !== (sum ?? 0)) faults.push(`stacks weigh ${weighed.elapsed}, rows ${sum}`);
    if (weighed.count !== count) faults.push(`stacks count ${weighed.count} records of ${count}`);
    const keys = new Set((await ask('SELECT `key` FROM batch')).map(([key]) => key));
    return { faults, storedUnanswered: pending.filter(({ key }) => keys.has(key)).length };
  });
}

/** What a flame graph of everything would show. */
async function weighAll(file: string): Promise<{ readonly elapsed: number; readonly count: number }> {
  const store = await openStore({ backend: 'sqlite', address: file }, { readOnly: true });
  try {
    const query = { kind: 'stacks', category: offcputime, stack: 'stack', where: always } as const;
    const total = (stacks: readonly { readonly weight: number }[]) =>
      stacks.reduce((sum, { weight }) => sum + weight, 0);
    return {
      elapsed: total(await store.weighStacks({ ...query, weight: 'elapsed' })),
      count: total(await store.weighStacks(query)),
    };
  } finally {
    await store.close();
  }
}
