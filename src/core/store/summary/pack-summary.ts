import type { EntryColumns } from '../../category/entry-columns.ts';
import { type Groups, groupRecords, sortGroups } from './group-records.ts';
import { summaryLayout } from './summary-layout.ts';
import { VarintWriter } from './varint.ts';

/** The greatest id whose successor, twice, and 1 are exact in a double: a head has this much to hold. */
const GREATEST_ID = 2 ** 52 - 2;

/** The two summaries of one category's records in a batch; `SummaryLayout` says what is in them. */
export interface PackedSummary {
  readonly byStack: Uint8Array;
  readonly byAll: Uint8Array;
}

/**
 * Ids of the dictionary columns: `ids[c][i]` is that of entry i in entry column c, -1 where it is absent; undefined where
 * no entry has one, and for columns of numbers.
 */
export type IdColumns = readonly (Float64Array | undefined)[];

/** Packs the summaries of a batch's records. What doubles or varints cannot hold exactly makes none: rows serve then. */
export function packSummary(entries: EntryColumns, ids: IdColumns): PackedSummary | undefined {
  const { leader, others, optionalOthers, firstStack, measures, events } = summaryLayout(entries.category);
  const counts = events === undefined ? undefined : entries.values[events];
  const hasExtras =
    optionalOthers.some((place) => ids[place]?.some((id) => id >= 0)) ||
    counts?.some((count) => count !== null) === true;
  const places = others.filter((place) => hasExtras || !optionalOthers.includes(place));
  const greatest = measures.map((place) => entries.values[place] as readonly number[]);
  const sums: ArrayLike<number>[] = [...greatest];
  if (hasExtras && events !== undefined) {
    const stoodFor = Float64Array.from({ length: entries.length }, (_, index) =>
      Number(counts?.[index] ?? 1),
    );
    if (stoodFor.some((count) => count < 0)) return undefined;
    sums.push(stoodFor);
  }
  const all = groupRecords({
    length: entries.length,
    keys: [...(leader === undefined ? [] : [leader]), ...places].map(
      (place) => ids[place] ?? new Float64Array(entries.length).fill(-1),
    ),
    sums,
    greatest,
  });
  if (!isExact(all) || all.keys.some((key) => key.some((id) => id > GREATEST_ID))) return undefined;
  const byAll = packByAll(all, { hasLeader: leader !== undefined, hasExtras });
  if (firstStack === undefined) return { byStack: new Uint8Array(0), byAll };
  const stackKey = all.keys[(leader === undefined ? 0 : 1) + places.indexOf(firstStack)]!;
  const byStack = groupRecords({ ...all, length: all.count, keys: [stackKey], greatest: [] });
  return isExact(byStack) ? { byStack: packByStack(byStack, hasExtras), byAll } : undefined;
}

function isExact({ sums }: Groups): boolean {
  return sums.every((totals) => totals.every((total) => total <= Number.MAX_SAFE_INTEGER));
}

function packByStack(groups: Groups, hasExtras: boolean): Uint8Array {
  const writer = new VarintWriter();
  writer.put(Number(hasExtras));
  let previous = 0;
  for (const group of sortGroups(groups)) {
    const id = groups.keys[0]![group]! + 1;
    writer.put(id - previous);
    previous = id;
    writer.put(groups.records[group]!);
    for (const totals of groups.sums) writer.put(totals[group]!);
  }
  return writer.take();
}

function packByAll(
  groups: Groups,
  { hasLeader, hasExtras }: { readonly hasLeader: boolean; readonly hasExtras: boolean },
): Uint8Array {
  const writer = new VarintWriter();
  writer.put(Number(hasExtras));
  const run = new VarintWriter();
  const [first, ...others] = hasLeader ? groups.keys.slice(1) : groups.keys;
  let previous = 0;
  let leader = 0;
  let previousFirst = 0;
  const endRun = () => {
    if (run.length === 0) return;
    const bytes = run.take();
    writer.put(leader - previous);
    writer.put(bytes.length);
    writer.putBytes(bytes);
    previous = leader;
    previousFirst = 0;
  };
  for (const group of sortGroups(groups)) {
    const next = hasLeader ? groups.keys[0]![group]! + 1 : 0;
    if (next !== leader) endRun();
    leader = next;
    const isOne = groups.records[group] === 1;
    const firstId = first === undefined ? 0 : first[group]! + 1;
    run.put((firstId - previousFirst) * 2 + Number(!isOne));
    previousFirst = firstId;
    for (const key of others) run.put(key[group]! + 1);
    if (!isOne) run.put(groups.records[group]!);
    for (const totals of groups.sums) run.put(totals[group]!);
    if (!isOne)
      for (const [place, most] of groups.greatest.entries())
        run.put(groups.sums[place]![group]! - most[group]!);
  }
  endRun();
  return writer.take();
}
