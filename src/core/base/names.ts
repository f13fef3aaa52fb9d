import { distance } from 'fastest-levenshtein';
import { KernelscopeError } from './kernelscope-error.ts';

/** Longest name of a category or a column; MySQL allows identifiers of 64, and tables carry a suffix. */
export const MAX_NAME_LENGTH = 48;

const namePattern = /^[a-z][a-z0-9_]*$/;

/** Tells whether `name` may be the name of a category or column: lower-case letters, digits and `_`, a letter first. */
export function isName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && namePattern.test(name);
}

/** Finds the candidate closest to `name` by edit distance, or undefined where none is close enough to be meant. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  if (best === undefined) return undefined;
  const isPrefix = name.length >= 2 && best.toLowerCase().startsWith(name.toLowerCase());
  return isPrefix || bestDistance <= Math.max(2, Math.floor(name.length / 3)) ? best : undefined;
}

/** Says which candidate may have been meant and lists all of them: the suggestions of an error about a name. */
export function suggestNames(name: string, candidates: Iterable<string>): readonly string[] {
  const all = [...candidates];
  const nearest = nearestName(name, all);
  const list = all.length === 0 ? [] : [`there are: ${all.join(', ')}`];
  return nearest === undefined ? list : [`did you mean '${nearest}'?`, ...list];
}

/** Checks that a name is one of a registry's. Throws `usage` with the nearest one; `what` says what they are names of. */
export function requireName<T extends object>(name: string, registry: T, what: string): keyof T & string {
  if (Object.hasOwn(registry, name)) return name as keyof T & string;
  throw new KernelscopeError('usage', `there is no ${what} '${name}'`, {
    suggestions: suggestNames(name, Object.keys(registry)),
  });
}
