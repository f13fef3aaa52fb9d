/** What records come to that agree in all of their keys: element g of each array is of group g. */
export interface Groups {
  readonly count: number;
  /** `keys[k][g]`: the id that the records of a group have in key k. */
  readonly keys: readonly Float64Array[];
  /** How many records there are. */
  readonly records: Float64Array;
  readonly sums: readonly Float64Array[];
  readonly greatest: readonly Float64Array[];
}

/** Records as columns, or groups of them that are to be merged. */
export interface Groupable {
  readonly length: number;
  readonly keys: readonly Float64Array[];
  /** How many records each stands for; 1 where absent. */
  readonly records?: Float64Array;
  /** What is added up: no value is negative. */
  readonly sums: readonly ArrayLike<number>[];
  /** That of which the greatest value is kept. */
  readonly greatest: readonly ArrayLike<number>[];
}

/** Groups records by their keys, in the order in which the groups first appear. */
export function groupRecords({ length, keys, records, sums, greatest }: Groupable): Groups {
  const { groupOf, firsts } = numberGroups(keys, length);
  const count = firsts.length;
  const counts = new Float64Array(count);
  for (let index = 0; index < length; index++) counts[groupOf[index]!]! += records?.[index] ?? 1;
  return {
    count,
    keys: keys.map((key) => Float64Array.from(firsts, (first) => key[first]!)),
    records: counts,
    sums: sums.map((values) => {
      const totals = new Float64Array(count);
      for (let index = 0; index < length; index++) totals[groupOf[index]!]! += values[index]!;
      return totals;
    }),
    greatest: greatest.map((values) => {
      const most = new Float64Array(count);
      for (let index = 0; index < length; index++) {
        const group = groupOf[index]!;
        if (values[index]! > most[group]!) most[group] = values[index]!;
      }
      return most;
    }),
  };
}

/** Lists the groups in ascending order of their first key, then of their second; others are as they first appear. */
export function sortGroups({ count, keys: [first, second] }: Groups): readonly number[] {
  const groups = Array.from({ length: count }, (_, group) => group);
  if (first === undefined) return groups;
  const [firsts, seconds] = [spanOf(first), second === undefined ? 1 : spanOf(second)];
  if (firsts * seconds * count > Number.MAX_SAFE_INTEGER) {
    return groups.sort(
      (a, b) => first[a]! - first[b]! || (second === undefined ? 0 : second[a]! - second[b]!),
    );
  }
  // Keys and group as one number: sorting numbers is several times faster than comparing groups.
  const packed = Float64Array.from(
    groups,
    (group) =>
      ((first[group]! + 1) * seconds + (second === undefined ? 0 : second[group]! + 1)) * count + group,
  );
  return Array.from(packed.sort(), (number) => number % count);
}

/** How many ids there may be in a key of groups, from -1 to the greatest. */
function spanOf(key: Float64Array): number {
  let greatest = -1;
  for (const id of key) if (id > greatest) greatest = id;
  return greatest + 2;
}

/** Numbers the groups; `firsts` is the first record of each. A table of slots is several times faster than maps. */
function numberGroups(
  keys: readonly Float64Array[],
  length: number,
): { readonly groupOf: Uint32Array; readonly firsts: readonly number[] } {
  // Two slots a record at least, so that few are looked at in vain.
  const bits = 33 - Math.clz32(length);
  const slots = new Int32Array(2 ** bits).fill(-1);
  const groupOf = new Uint32Array(length);
  const firsts: number[] = [];
  for (let index = 0; index < length; index++) {
    let slot = hashOf(keys, index) >>> (32 - bits);
    let group = slots[slot]!;
    while (group >= 0 && !agree(keys, firsts[group]!, index)) {
      slot = (slot + 1) & (slots.length - 1);
      group = slots[slot]!;
    }
    if (group < 0) {
      group = firsts.length;
      firsts.push(index);
      slots[slot] = group;
    }
    groupOf[index] = group;
  }
  return { groupOf, firsts };
}

function agree(keys: readonly Float64Array[], a: number, b: number): boolean {
  for (const key of keys) if (key[a] !== key[b]) return false;
  return true;
}

/** Mixes the ids of a record, of up to 52 bits each, into 32 bits, the upper of which are the best mixed. */
function hashOf(keys: readonly Float64Array[], index: number): number {
  let hash = 0;
  for (const key of keys) {
    const id = key[index]!;
    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
    hash = Math.imul(hash ^ (hash >>> 15) ^ id ^ (id / 2 ** 32), 0x9e3779b1);
  }
  return hash;
}
