import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { readBodies } from '../bodies.ts';

/** What a client saw. */
export interface PostTimes {
  readonly posts: number;
  readonly wallMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/**
 * Posts every body of a file over that many connections at once; each sends its next body when the last one is
 * answered, and at most `postsPerSecond` in all where that is given. Throws for any answer but 200.
 */
export async function run(
  url: string,
  file: string,
  connections: number,
  postsPerSecond?: number,
): Promise<PostTimes> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const bodies = readBodies(file);
  const timesMs: number[] = [];
  const started = performance.now();
  let sent = 0;
  const client = async () => {
    for (const body of bodies) {
      if (postsPerSecond !== undefined) {
        const dueMs = (sent++ * 1000) / postsPerSecond - (performance.now() - started);
        if (dueMs > 0) await delay(dueMs);
      }
      const postedMs = performance.now();
      await post(url, agent, body);
      timesMs.push(performance.now() - postedMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const wallMs = performance.now() - started;
  agent.destroy();
  timesMs.sort((a, b) => a - b);
  const percentile = (share: number) =>
    timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * share))]!;
  return {
    posts: timesMs.length,
    wallMs,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    maxMs: timesMs.at(-1)!,
  };
}

function post(url: string, agent: Agent, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': body.length,
    };
    const sending = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
      );
    });
    sending.once('error', reject);
    sending.end(body);
  });
}
