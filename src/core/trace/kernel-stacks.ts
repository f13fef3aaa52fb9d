import { readFileSync } from 'node:fs';
import { foldStack, type KernelSymbols, NO_STACK, readKernelSymbols } from './symbolize.ts';

/** Stacks whose text is remembered; past that, those not in the flush at hand are forgotten. */
const REMEMBERED = 65_536;

/**
 * Turns the stacks of one flush after another into text. A stack is named once and remembered by its id, which is a
 * hash of its addresses; when a kernel module was loaded or unloaded, the symbols are read again.
 */
export class KernelStacks {
  #symbols: KernelSymbols;
  #modules: string;
  readonly #texts = new Map<string, string>();

  readonly #mark: string;

  /** `mark` goes behind the name of each frame. Throws as `readKernelSymbols`. */
  constructor(mark = '') {
    this.#mark = mark;
    this.#modules = readModules();
    this.#symbols = readKernelSymbols();
  }

  /** Learns the stacks of a flush. Afterwards `textOf` knows them. */
  learn(stacks: ReadonlyMap<string, readonly string[]>): void {
    const modules = readModules();
    if (modules !== this.#modules) {
      this.#modules = modules;
      this.#symbols = readKernelSymbols();
      this.#texts.clear();
    }
    if (this.#texts.size + stacks.size > REMEMBERED) {
      for (const id of this.#texts.keys()) if (!stacks.has(id)) this.#texts.delete(id);
    }
    for (const [id, addresses] of stacks) {
      if (!this.#texts.has(id)) this.#texts.set(id, foldStack(this.#symbols, addresses, this.#mark));
    }
  }

  /** Gives the folded stack, root first, of an id; `[no stack]` where there is none. */
  textOf(id: string): string {
    return this.#texts.get(id) ?? NO_STACK;
  }
}

/** The loaded modules and where they lie; empty for a kernel without modules. Use counts in it change all the time. */
function readModules(): string {
  try {
    return readFileSync('/proc/modules', 'latin1').replace(/^(\S+) (\d+) \d+ \S+ \S+ (\S+).*$/gm, '$1 $2 $3');
  } catch {
    return '';
  }
}
