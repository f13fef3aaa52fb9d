import { compareText } from '../../query/match-text.ts';
import type { GroupQuery } from '../../query/query.ts';
import type { SummedGroup } from './group-summaries.ts';

/** Names of the dictionary entries that a key's ids stand for, by id; undefined for keys that are in order by themselves. */
export type KeyNames = readonly (ReadonlyMap<number, string> | undefined)[];

/** Puts groups in the order that a question asks for, as a database would: absent before all else, text by its bytes. */
export function sortGroups(
  groups: readonly SummedGroup[],
  query: GroupQuery,
  names: KeyNames,
): readonly SummedGroup[] {
  const ranks = names.map((each) => each && rankNames(each));
  const keyOf = (group: SummedGroup, k: number) => {
    const key = group.keys[k]!;
    return key === null ? null : (ranks[k]?.get(key) ?? key);
  };
  const asked = query.sort.map(({ by, place, descending }) => ({
    numberOf: (group: SummedGroup) => (by === 'key' ? keyOf(group, place) : group.values[place]!),
    descending,
  }));
  const ties = query.keys.map((_, k) => ({
    numberOf: (group: SummedGroup) => keyOf(group, k),
    descending: false,
  }));
  const order = [...asked, ...ties];
  return groups.toSorted((a, b) => {
    for (const { numberOf, descending } of order) {
      const difference = compareNumbers(numberOf(a), numberOf(b));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}

function rankNames(names: ReadonlyMap<number, string>): ReadonlyMap<number, number> {
  const ids = [...names.keys()].sort((a, b) => compareText(names.get(a)!, names.get(b)!));
  return new Map(ids.map((id, rank) => [id, rank]));
}

function compareNumbers(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return a - b;
}
