/** Texts of one fingerprint that are compared one by one; whatever else shares it is looked up by all of its text. */
const MAX_CHAIN = 8;

/** A text that is remembered, and the one of the same fingerprint that was remembered before it. */
interface Remembered {
  readonly text: string;
  readonly number: number;
  readonly before: Remembered | undefined;
  readonly place: number;
}

/**
 * Remembers a number for each text. Texts fresh from JSON have to be hashed whole to be found in a map, which takes three
 * times as long as comparing them with one that has the same length and some of the same characters.
 */
export class TextMap {
  readonly #latest = new Map<number, Remembered>();
  readonly #crowded = new Map<string, number>();

  get(text: string): number | undefined {
    const latest = this.#latest.get(fingerprint(text));
    for (let known = latest; known !== undefined; known = known.before) {
      if (known.text === text) return known.number;
    }
    return latest?.place === MAX_CHAIN ? this.#crowded.get(text) : undefined;
  }

  /** Remembers a text that is not remembered yet. */
  set(text: string, number: number): void {
    const key = fingerprint(text);
    const before = this.#latest.get(key);
    const place = (before?.place ?? 0) + 1;
    if (place > MAX_CHAIN) this.#crowded.set(text, number);
    else this.#latest.set(key, { text, number, before, place });
  }

  clear(): void {
    this.#latest.clear();
    this.#crowded.clear();
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
