import type { EntryColumns } from '../../category/entry-columns.ts';
import { summaryLayout } from './summary-layout.ts';
import { VarintWriter } from './varint.ts';

/** The two summaries of one category's records in a batch; `SummaryLayout` says what is in them. */
export interface PackedSummary {
  readonly byStack: Uint8Array;
  readonly byAll: Uint8Array;
}

/** Ids of the dictionary columns: `ids[c][i]` is that of entry i in entry column c; -1 where it is absent. */
export type IdColumns = readonly (Float64Array | undefined)[];

/** Packs the summaries of a batch's records. Measures whose sum doubles cannot hold exactly make none: rows serve then. */
export function packSummary(entries: EntryColumns, ids: IdColumns): PackedSummary | undefined {
  const layout = summaryLayout(entries.category);
  const measures = layout.measures.map((place) => entries.values[place] as readonly number[]);
  const keys = [...(layout.leader === undefined ? [] : [layout.leader]), ...layout.others].map(
    (place) => ids[place]!,
  );
  const all = new Groups(keys, measures, entries.length);
  const stacks =
    layout.firstStack === undefined
      ? undefined
      : new Groups([ids[layout.firstStack]!], measures, entries.length);
  if (!all.isExact || stacks?.isExact === false) return undefined;
  return {
    byStack: stacks === undefined ? new Uint8Array(0) : packByStack(stacks),
    byAll: packByAll(all, layout.leader !== undefined),
  };
}

function packByStack(groups: Groups): Uint8Array {
  const writer = new VarintWriter();
  let previous = 0;
  for (const group of groups.sorted()) {
    const id = groups.idOf(group, 0) + 1;
    writer.put(id - previous);
    previous = id;
    groups.putTotals(writer, group);
  }
  return writer.take();
}

function packByAll(groups: Groups, hasLeader: boolean): Uint8Array {
  const writer = new VarintWriter();
  const run = new VarintWriter();
  const firstOther = hasLeader ? 1 : 0;
  let previous = 0;
  let leader = 0;
  const endRun = () => {
    if (run.length === 0) return;
    const bytes = run.take();
    writer.put(leader - previous);
    writer.put(bytes.length);
    writer.putBytes(bytes);
    previous = leader;
  };
  for (const group of groups.sorted()) {
    const next = hasLeader ? groups.idOf(group, 0) + 1 : 0;
    if (next !== leader) endRun();
    leader = next;
    for (let key = firstOther; key < groups.width; key++) run.put(groups.idOf(group, key) + 1);
    groups.putTotals(run, group);
    groups.putGreatest(run, group);
  }
  endRun();
  return writer.take();
}

/** Records grouped by ids, with what each group comes to. */
class Groups {
  readonly width: number;
  isExact = true;
  readonly #keys: readonly Float64Array[];
  /** The first entry of each group: it has the group's ids. */
  readonly #firsts: number[] = [];
  readonly #counts: number[] = [];
  readonly #sums: readonly number[][];
  readonly #greatest: readonly number[][];

  constructor(keys: readonly Float64Array[], measures: readonly (readonly number[])[], length: number) {
    this.#keys = keys;
    this.width = keys.length;
    this.#sums = measures.map(() => []);
    this.#greatest = measures.map(() => []);
    const groupOf = groupEntries(keys, length, this.#firsts);
    for (let index = 0; index < length; index++) {
      const group = groupOf[index]!;
      this.#counts[group] = (this.#counts[group] ?? 0) + 1;
      for (let m = 0; m < measures.length; m++) {
        const value = measures[m]![index]!;
        const sum = (this.#sums[m]![group] ?? 0) + value;
        this.#sums[m]![group] = sum;
        if (sum > Number.MAX_SAFE_INTEGER) this.isExact = false;
        const greatest = this.#greatest[m]!;
        if (!(greatest[group]! >= value)) greatest[group] = value;
      }
    }
  }

  /** The groups in ascending order of their ids, the first key first. */
  sorted(): readonly number[] {
    const order = this.#firsts.map((_, group) => group);
    return order.sort((a, b) => {
      for (let key = 0; key < this.width; key++) {
        const difference = this.idOf(a, key) - this.idOf(b, key);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  idOf(group: number, key: number): number {
    return this.#keys[key]![this.#firsts[group]!]!;
  }

  putTotals(writer: VarintWriter, group: number): void {
    writer.put(this.#counts[group]!);
    for (const sums of this.#sums) writer.put(sums[group]!);
  }

  putGreatest(writer: VarintWriter, group: number): void {
    if (this.#counts[group] === 1) return;
    for (const greatest of this.#greatest) writer.put(greatest[group]!);
  }
}

/** Numbers the groups of entries that agree in all keys; `firsts` receives the first entry of each. */
function groupEntries(keys: readonly Float64Array[], length: number, firsts: number[]): Uint32Array {
  let groups = new Uint32Array(length);
  let count = 1;
  // Key by key: what agreed so far, told apart further. Products of two small numbers stay exact.
  for (const key of keys) {
    const numbers = new Map<number, number>();
    const refined = new Map<number, number>();
    const next = new Uint32Array(length);
    for (let index = 0; index < length; index++) {
      let local = numbers.get(key[index]!);
      if (local === undefined) {
        local = numbers.size;
        numbers.set(key[index]!, local);
      }
      const combined = local * count + groups[index]!;
      let group = refined.get(combined);
      if (group === undefined) {
        group = refined.size;
        refined.set(combined, group);
      }
      next[index] = group;
    }
    groups = next;
    count = refined.size;
  }
  for (let index = length - 1; index >= 0; index--) firsts[groups[index]!] = index;
  return groups;
}
