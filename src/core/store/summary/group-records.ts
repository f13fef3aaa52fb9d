/** What records come to that agree in all of their keys: element g of each array is of group g. */
export interface Groups {
  readonly count: number;
  /** `keys[k][g]`: what the records of a group have in key k. */
  readonly keys: readonly Int32Array[];
  /** How many records there are. */
  readonly records: Float64Array;
  readonly sums: readonly Float64Array[];
  readonly greatest: readonly Float64Array[];
}

/** Records as columns, or groups of them that are to be merged. */
export interface Groupable {
  readonly length: number;
  /** Small numbers from 0 on: places of ids rather than ids. */
  readonly keys: readonly Int32Array[];
  /** How many records each stands for; 1 where absent. */
  readonly records?: Float64Array;
  /** What is added up: no value is negative. */
  readonly sums: readonly Float64Array[];
  /** That of which the greatest value is kept. */
  readonly greatest: readonly Float64Array[];
}

/** Groups records by their keys, in the order in which the groups first appear. */
export function groupRecords({ length, keys, records, sums, greatest }: Groupable): Groups {
  const { groupOf, firsts } = numberGroups(keys, length);
  const count = firsts.length;
  const counts = new Float64Array(count);
  if (records === undefined) for (let index = 0; index < length; index++) counts[groupOf[index]!]!++;
  else addUp(records, groupOf, counts);
  return {
    count,
    keys: keys.map((key) => pick(key, firsts)),
    records: counts,
    sums: sums.map((values) => addUp(values, groupOf, new Float64Array(count))),
    greatest: greatest.map((values) => findGreatest(values, groupOf, new Float64Array(count))),
  };
}

/** Lists the groups in ascending order of their first key, then of their second; others are as they first appear. */
export function sortGroups({ count, keys: [first, second] }: Groups): Int32Array {
  let order = new Int32Array(count);
  for (let group = 0; group < count; group++) order[group] = group;
  // Each leaves in their order those that it does not tell apart.
  if (second !== undefined) order = sortByKey(order, second);
  return first === undefined ? order : sortByKey(order, first);
}

/** A counting sort (Knuth, The Art of Computer Programming 3, 5.2): keys are small. */
function sortByKey(groups: Int32Array, key: Int32Array): Int32Array<ArrayBuffer> {
  let greatest = 0;
  for (let group = 0; group < key.length; group++) if (key[group]! > greatest) greatest = key[group]!;
  const starts = new Int32Array(greatest + 2);
  for (let group = 0; group < key.length; group++) starts[key[group]! + 1]!++;
  for (let number = 0; number < greatest; number++) starts[number + 1]! += starts[number]!;
  const sorted = new Int32Array(groups.length);
  for (let place = 0; place < groups.length; place++) {
    const group = groups[place]!;
    sorted[starts[key[group]!]!++] = group;
  }
  return sorted;
}

function pick(key: Int32Array, places: readonly number[]): Int32Array {
  const picked = new Int32Array(places.length);
  for (let group = 0; group < places.length; group++) picked[group] = key[places[group]!]!;
  return picked;
}

function addUp(values: Float64Array, groupOf: Int32Array, totals: Float64Array): Float64Array {
  for (let index = 0; index < groupOf.length; index++) totals[groupOf[index]!]! += values[index]!;
  return totals;
}

function findGreatest(values: Float64Array, groupOf: Int32Array, most: Float64Array): Float64Array {
  for (let index = 0; index < groupOf.length; index++) {
    const group = groupOf[index]!;
    if (values[index]! > most[group]!) most[group] = values[index]!;
  }
  return most;
}

/** Records by the number of their group; `firsts` is the first record of each. */
interface NumberedGroups {
  readonly groupOf: Int32Array;
  readonly firsts: readonly number[];
}

function numberGroups([first, ...others]: readonly Int32Array[], length: number): NumberedGroups {
  const none = new Int32Array(length);
  let numbered = numberPairs(none, first ?? none);
  // Groups of groups: each key parts those that the keys before it made.
  for (const key of others) numbered = numberPairs(numbered.groupOf, key);
  return numbered;
}

/** Numbers the distinct pairs as they first appear. A table of slots is several times faster than maps. */
function numberPairs(a: Int32Array, b: Int32Array): NumberedGroups {
  const { length } = a;
  // Two slots a record at least, so that few are looked at in vain.
  const bits = 33 - Math.clz32(length);
  const slots = new Int32Array(2 ** bits).fill(-1);
  const groupOf = new Int32Array(length);
  const firsts: number[] = [];
  for (let index = 0; index < length; index++) {
    const [left, right] = [a[index]!, b[index]!];
    let slot = hashOf(left, right) >>> (32 - bits);
    let group = slots[slot]!;
    while (group >= 0 && (a[firsts[group]!] !== left || b[firsts[group]!] !== right)) {
      slot = (slot + 1) & (slots.length - 1);
      group = slots[slot]!;
    }
    if (group < 0) {
      group = firsts.push(index) - 1;
      slots[slot] = group;
    }
    groupOf[index] = group;
  }
  return { groupOf, firsts };
}

/** Mixes two numbers into 32 bits, the upper of which are the best mixed. */
function hashOf(a: number, b: number): number {
  // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
  const hash = Math.imul(a, 0x9e3779b1);
  return Math.imul(hash ^ (hash >>> 15) ^ b, 0x9e3779b1);
}
