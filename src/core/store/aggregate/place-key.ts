import { compareText } from '../../query/match-text.ts';
import type { GroupKey } from '../../query/query.ts';
import { findWaitPlace } from '../../stack/before-scheduler.ts';
import type { DictionaryReader } from '../dictionary/dictionary-reader.ts';
import type { KeyPlaces } from './compile-groups.ts';

/** The names that groups go by in order, and which of them each id of what rows hold has. */
export interface PlacedNames {
  readonly names: readonly string[];
  readonly pairs: NonNullable<KeyPlaces[number]>;
}

/**
 * Finds the names of a key that several ids share, as hosts share a label and stacks a leaf, and numbers them in order:
 * groups go by these numbers, and need no text. Undefined for keys that go by what rows hold.
 */
export async function placeKey(
  key: GroupKey,
  dictionaries: DictionaryReader,
): Promise<PlacedNames | undefined> {
  const named = new NamedIds();
  if (key.kind === 'label') {
    for (const { id, labels } of await dictionaries.sources())
      named.add(id, Object.hasOwn(labels, key.key) ? labels[key.key] : undefined);
  } else if (key.kind === 'column' && key.column === 'hostname') {
    for (const { id, hostname } of await dictionaries.sources()) named.add(id, hostname);
  } else if (key.kind === 'frame') {
    for await (const entries of dictionaries.entries('stack'))
      for (const [id, stack] of entries) named.add(id, frameOf(stack, key.frame));
  } else return undefined;
  return named.inOrder();
}

/** The frame of a stack as a `GroupKey` has it; undefined where it has none there. */
export function frameOf(stack: string, frame: number | 'wchan'): string | undefined {
  if (stack === '') return undefined;
  const frames = stack.split(';');
  return frame === 'wchan' ? frames[findWaitPlace(frames)] : frames.at(frame > 0 ? frame - 1 : frame);
}

class NamedIds {
  readonly #ids: number[] = [];
  readonly #nameOf: number[] = [];
  readonly #names = new Map<string, number>();

  add(id: number, name: string | undefined): void {
    if (name === undefined) return;
    let number = this.#names.get(name);
    if (number === undefined) {
      number = this.#names.size;
      this.#names.set(name, number);
    }
    this.#ids.push(id);
    this.#nameOf.push(number);
  }

  inOrder(): PlacedNames {
    const names = [...this.#names.keys()].sort(compareText);
    const places = new Uint32Array(names.length);
    for (const [place, name] of names.entries()) places[this.#names.get(name)!] = place;
    return { names, pairs: this.#ids.map((id, at) => [id, places[this.#nameOf[at]!]!] as const) };
  }
}
