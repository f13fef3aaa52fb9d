import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** What a client sent, and by what it is known again: all of its entries have the same process, no other batch has it. */
export interface SentBatch {
  readonly key: string;
  readonly process: string;
  /** Entry i has pid i. */
  readonly length: number;
  readonly elapsedSum: number;
  readonly body: string;
}

/** Clients that each post one batch after the other, and send it again with its key until a logger acknowledges it. */
export interface LoggingClients {
  readonly acknowledged: readonly SentBatch[];
  /** Made and not yet acknowledged; at most one of each client. */
  readonly pending: () => readonly SentBatch[];
  /** How often each status was answered; 0 counts what got no answer. */
  readonly answers: ReadonlyMap<number, number>;
  /** Resolves when so many more are acknowledged, rejects when a logger refuses a batch for good. */
  untilAcknowledged(more: number): Promise<void>;
  /** Makes no more batches; resolves when all that were made are acknowledged, rejects as `untilAcknowledged` does. */
  finish(): Promise<void>;
}

/** How clients behave, where not as they do otherwise. */
export interface ClientOptions {
  readonly prefix?: string;
  /** A batch has fewer entries than this. */
  readonly maxLength?: number;
  readonly isCompressed?: boolean;
  /** Bodies are at least so long: spaces, which make a batch large and no work. */
  readonly paddedTo?: number;
  /** Waited before another try, whatever Retry-After says: most tests want many tries. */
  readonly retryMs?: number;
}

const ANSWER_TIMEOUT_MS = 20_000;

/** Makes a batch of random length and times; some of its stacks and its process are new to any database. */
export function makeSentBatch(process: string, maxLength = 400): SentBatch {
  const length = randomInt(1, maxLength);
  let elapsedSum = 0;
  const offcputime = Array.from({ length }, (_, pid) => {
    const elapsed = randomInt(1, 1_000_000_000);
    elapsedSum += elapsed;
    const last = pid % 10 === 0 ? `only_in_${process}_${pid % 50}` : `wait_${pid % 20}`;
    return { process, pid, stack: `entry_SYSCALL_64;do_syscall_64;${last};schedule`, elapsed };
  });
  const head = {
    hostname: process.split('.')[0],
    time: new Date().toISOString(),
    labels: { run: 'a' },
    lost: 1,
  };
  return {
    key: randomUUID(),
    process,
    length,
    elapsedSum,
    body: JSON.stringify({ ...head, offcputime }),
  };
}

/** What a logger answers to a batch that it stored. */
export function acceptedAnswer(batch: SentBatch): string {
  return JSON.stringify({ accepted: { offcputime: batch.length } });
}

/** Sends a batch once. */
export function postBatch(url: string, { key, body }: SentBatch, isCompressed = false): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  return fetch(url, {
    method: 'POST',
    headers: isCompressed ? { ...headers, 'content-encoding': 'gzip' } : headers,
    body: isCompressed ? gzipSync(body) : body,
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
}

/**
 * Starts clients. `urls` gives the loggers that there are now: a client turns to the next for each batch and each try,
 * as it would behind a load balancer.
 */
export function startClients(
  count: number,
  urls: () => readonly string[],
  { prefix = 'client', maxLength, isCompressed = false, paddedTo = 0, retryMs = 20 }: ClientOptions = {},
): LoggingClients {
  const acknowledged: SentBatch[] = [];
  const pending = new Map<number, SentBatch>();
  const answers = new Map<number, number>();
  let isFinishing = false;
  let waiter: { readonly wanted: number; readonly resolve: () => void } | undefined;

  const acknowledge = (client: number, batch: SentBatch) => {
    acknowledged.push(batch);
    pending.delete(client);
    if (waiter !== undefined && acknowledged.length >= waiter.wanted) waiter.resolve();
  };

  const run = async (client: number) => {
    let turn = client;
    for (let number = 0; !isFinishing; number++) {
      const made = makeSentBatch(`${prefix}-${client}.${number}`, maxLength);
      const batch = { ...made, body: made.body.padEnd(paddedTo) };
      pending.set(client, batch);
      for (;;) {
        const all = urls();
        const url = all[turn % all.length];
        const status = url === undefined ? undefined : await sendOnce(url, batch, isCompressed);
        if (status !== undefined) answers.set(status, (answers.get(status) ?? 0) + 1);
        turn++;
        if (status === 200) break;
        await delay(retryMs);
      }
      acknowledge(client, batch);
    }
  };
  const running = Promise.all(Array.from({ length: count }, (_, client) => run(client)));
  // Whoever waits for the clients gets the error; until then it is not unhandled.
  running.catch(() => {});

  return {
    acknowledged,
    pending: () => [...pending.values()],
    answers,
    untilAcknowledged: async (more) => {
      const wanted = acknowledged.length + more;
      await Promise.race([running, new Promise<void>((resolve) => (waiter = { wanted, resolve }))]);
    },
    finish: async () => {
      isFinishing = true;
      await running;
    },
  };
}

/** Gives 200, a status after which it is right to try again, or 0 for no whole answer. Throws for any other answer. */
async function sendOnce(url: string, batch: SentBatch, isCompressed: boolean): Promise<number> {
  let status: number;
  let text: string;
  try {
    const response = await postBatch(url, batch, isCompressed);
    status = response.status;
    text = await response.text();
  } catch {
    return 0;
  }
  if (status === 429 || status === 503) return status;
  if (status === 200 && text === acceptedAnswer(batch)) return 200;
  throw new Error(`${batch.process}: answered ${status} ${text}`);
}
