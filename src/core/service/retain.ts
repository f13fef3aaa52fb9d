import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../store/store.ts';

/** Longest and shortest time between two prunings, in milliseconds; in between it is a hundredth of what is kept. */
const LONGEST_PAUSE_MS = 60 * 60 * 1000;
const SHORTEST_PAUSE_MS = 1000;

/**
 * Deletes batches once they are older than `retainMs`, now and again from then on, until the function that it gives is
 * called and has resolved. What goes wrong, such as a locked database, is told and tried again the next time.
 */
export function retain(
  store: Pick<Store, 'prune'>,
  retainMs: number,
  onTrouble: (error: Error) => void,
): () => Promise<void> {
  const stopped = new AbortController();
  const pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, retainMs / 100));
  const run = async () => {
    while (!stopped.signal.aborted) {
      await store.prune({ olderThanUs: (Date.now() - retainMs) * 1000 }).catch(onTrouble);
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const running = run();
  return async () => {
    stopped.abort();
    await running;
  };
}
