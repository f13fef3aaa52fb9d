import type { Category } from '../category/define-category.ts';
import { decodeCategory } from './encode-category.ts';

/** Remembers the decoded categories of a database for as long as their definitions read the same. */
export class CategoryCache {
  #text = '';
  #byName: ReadonlyMap<string, Category> = new Map();

  /** Gives the categories by name. Another process may add one at any time: the definitions are read anew each time. */
  decode(definitions: readonly string[]): ReadonlyMap<string, Category> {
    const text = definitions.join('\n');
    if (text !== this.#text) {
      this.#byName = new Map(definitions.map(decodeCategory).map((category) => [category.name, category]));
      this.#text = text;
    }
    return this.#byName;
  }
}
