/** Characters of text that one dictionary's cache may hold before it starts over. */
const MAX_CACHED_CHARACTERS = 64 * 1024 * 1024;

/** Remembers the ids of dictionary entries, by text, up to a bound of memory. */
export class DictionaryCache {
  readonly #ids = new Map<string, number>();
  #characters = 0;

  get(text: string): number | undefined {
    return this.#ids.get(text);
  }

  set(text: string, id: number): void {
    // Starting over costs a look-up of what is still in use; keeping an order of use would cost every row.
    if (this.#characters + text.length > MAX_CACHED_CHARACTERS) this.clear();
    this.#characters += text.length;
    this.#ids.set(text, id);
  }

  clear(): void {
    this.#ids.clear();
    this.#characters = 0;
  }
}
