import { TextMap } from '../../base/text-map.ts';

/** Characters of text that one dictionary's cache may hold before it starts over. */
const MAX_CACHED_CHARACTERS = 64 * 1024 * 1024;

/**
 * How long a writer may go by what it remembers of a dictionary, in milliseconds. Pruning leaves entries alone that
 * were seen within four times as long, so that no id is ever written whose text has gone.
 */
export const CACHE_LIFETIME_MS = 30 * 60 * 1000;

/** Remembers the ids of dictionary entries by text, up to a bound of memory and of time. */
export class DictionaryCache {
  readonly #ids = new TextMap();
  #characters = 0;
  #startedMs = 0;

  get(text: string): number | undefined {
    return this.#ids.get(text);
  }

  /** Remembers a text that is not remembered yet. */
  set(text: string, id: number): void {
    // Starting over costs a look-up of what is still in use; keeping an order of use would cost every look-up.
    if (this.#characters + text.length > MAX_CACHED_CHARACTERS) this.clear();
    this.#characters += text.length;
    this.#ids.set(text, id);
  }

  /** Forgets everything once the cache has been in use for its lifetime. */
  expire(nowMs: number): void {
    if (nowMs - this.#startedMs < CACHE_LIFETIME_MS) return;
    this.clear();
    this.#startedMs = nowMs;
  }

  clear(): void {
    this.#ids.clear();
    this.#characters = 0;
  }
}
