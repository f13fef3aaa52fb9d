/** Characters of text that one dictionary's cache may hold before it starts over. */
const MAX_CACHED_CHARACTERS = 64 * 1024 * 1024;

/**
 * How long a writer may go by what it remembers of a dictionary, in milliseconds. Pruning leaves entries alone that
 * were seen within four times as long, so that no id is ever written whose text has gone.
 */
export const CACHE_LIFETIME_MS = 30 * 60 * 1000;

/** Texts of one fingerprint that are compared one by one; whatever else shares it is looked up by all of its text. */
const MAX_CHAIN = 8;

/** A text that is remembered, and the one of the same fingerprint that was remembered before it. */
interface Remembered {
  readonly text: string;
  readonly id: number;
  readonly before: Remembered | undefined;
  readonly place: number;
}

/**
 * Remembers the ids of dictionary entries by text, up to a bound of memory and of time. Texts fresh from JSON have to be
 * hashed whole to be found in a map, which takes three times as long as comparing them with one that has the same length
 * and some of the same characters.
 */
export class DictionaryCache {
  readonly #latest = new Map<number, Remembered>();
  readonly #crowded = new Map<string, number>();
  #characters = 0;
  #startedMs = 0;

  get(text: string): number | undefined {
    const latest = this.#latest.get(fingerprint(text));
    for (let known = latest; known !== undefined; known = known.before) {
      if (known.text === text) return known.id;
    }
    return latest?.place === MAX_CHAIN ? this.#crowded.get(text) : undefined;
  }

  /** Remembers a text that is not remembered yet. */
  set(text: string, id: number): void {
    // Starting over costs a look-up of what is still in use; keeping an order of use would cost every row.
    if (this.#characters + text.length > MAX_CACHED_CHARACTERS) this.clear();
    this.#characters += text.length;
    const key = fingerprint(text);
    const before = this.#latest.get(key);
    const place = (before?.place ?? 0) + 1;
    if (place > MAX_CHAIN) this.#crowded.set(text, id);
    else this.#latest.set(key, { text, id, before, place });
  }

  /** Forgets everything once the cache has been in use for its lifetime. */
  expire(nowMs: number): void {
    if (nowMs - this.#startedMs < CACHE_LIFETIME_MS) return;
    this.clear();
    this.#startedMs = nowMs;
  }

  clear(): void {
    this.#latest.clear();
    this.#crowded.clear();
    this.#characters = 0;
  }
}

/** Mixes the length of a text and up to 17 of its characters, evenly spread, into 30 bits. */
function fingerprint(text: string): number {
  const { length } = text;
  const step = (length >> 4) + 1;
  let hash = length;
  for (let at = length - 1; at >= 0; at -= step) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}
