import type { EntryColumns, NumberColumn } from '../../category/entry-columns.ts';
import { type Groups, groupRecords, sortGroups } from './group-records.ts';
import { type IdColumn, type IdColumns, rankIds } from './id-column.ts';
import { summaryLayout } from './summary-layout.ts';
import { VarintWriter } from './varint.ts';

/** The greatest id whose successor, twice, and 1 are exact in a double: a head has this much to hold. */
const GREATEST_ID = 2 ** 52 - 2;

/** The two summaries of one category's records in a batch; `SummaryLayout` says what is in them. */
export interface PackedSummary {
  readonly byStack: Uint8Array;
  readonly byAll: Uint8Array;
}

/** Packs the summaries of a batch's records. What doubles or varints cannot hold exactly makes none: rows serve then. */
export function packSummary(entries: EntryColumns, ids: IdColumns): PackedSummary | undefined {
  const { leader, others, optionalOthers, firstStack, measures, events } = summaryLayout(entries.category);
  const counts = events === undefined ? undefined : (entries.values[events] as NumberColumn | undefined);
  const hasExtras =
    optionalOthers.some((place) => ids[place]?.indices.some((index) => index >= 0)) ||
    counts?.some((count) => !Number.isNaN(count)) === true;
  const places = others.filter((place) => hasExtras || !optionalOthers.includes(place));
  const greatest = measures.map((place) => entries.values[place] as NumberColumn);
  const sums = [...greatest];
  if (hasExtras && events !== undefined) {
    if (counts?.some((count) => count < 0)) return undefined;
    const ones = () => new Float64Array(entries.length).fill(1);
    sums.push(counts?.map((count) => (Number.isNaN(count) ? 1 : count)) ?? ones());
  }
  const keyPlaces = [...(leader === undefined ? [] : [leader]), ...places];
  const columns = keyPlaces.map((place) => rankIds(ids[place], entries.length));
  if (columns.some((column) => column.ids.at(-1)! > GREATEST_ID)) return undefined;
  const keys = columns.map(({ indices }) => indices);
  const all = groupRecords({ length: entries.length, keys, sums, greatest });
  if (!isExact(all)) return undefined;
  const byAll = packByAll(all, columns, { hasLeader: leader !== undefined, hasExtras });
  if (firstStack === undefined) return { byStack: new Uint8Array(0), byAll };
  // A stack that is one of the extras has no key where none has a value.
  const at = keyPlaces.indexOf(firstStack);
  const stack = columns[at] ?? rankIds(undefined, entries.length);
  const stackKey = all.keys[at] ?? new Int32Array(all.count);
  const stacks = groupRecords({ ...all, length: all.count, keys: [stackKey], greatest: [] });
  return isExact(stacks) ? { byStack: packByStack(stacks, stack, hasExtras), byAll } : undefined;
}

function isExact({ sums }: Groups): boolean {
  return sums.every((totals) => totals.every((total) => total <= Number.MAX_SAFE_INTEGER));
}

/** How ids are stored: 1 more than they are, so that an absent one is 0. */
function storedIds({ ids }: IdColumn, key: Int32Array): Float64Array {
  const stored = new Float64Array(key.length);
  for (let group = 0; group < key.length; group++) stored[group] = ids[key[group]!]! + 1;
  return stored;
}

function packByStack(groups: Groups, stack: IdColumn, hasExtras: boolean): Uint8Array {
  const writer = new VarintWriter();
  writer.put(Number(hasExtras));
  const stackIds = storedIds(stack, groups.keys[0]!);
  let previous = 0;
  for (const group of sortGroups(groups)) {
    const id = stackIds[group]!;
    writer.put(id - previous);
    previous = id;
    writer.put(groups.records[group]!);
    for (const totals of groups.sums) writer.put(totals[group]!);
  }
  return writer.take();
}

function packByAll(
  groups: Groups,
  columns: readonly IdColumn[],
  { hasLeader, hasExtras }: { readonly hasLeader: boolean; readonly hasExtras: boolean },
): Uint8Array {
  const writer = new VarintWriter();
  writer.put(Number(hasExtras));
  const run = new VarintWriter();
  const keys = columns.map((column, k) => storedIds(column, groups.keys[k]!));
  const [first, ...others] = hasLeader ? keys.slice(1) : keys;
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
    const next = hasLeader ? keys[0]![group]! : 0;
    if (next !== leader) endRun();
    leader = next;
    const isOne = groups.records[group] === 1;
    const firstId = first === undefined ? 0 : first[group]!;
    run.put((firstId - previousFirst) * 2 + Number(!isOne));
    previousFirst = firstId;
    for (const key of others) run.put(key[group]!);
    if (!isOne) run.put(groups.records[group]!);
    for (const totals of groups.sums) run.put(totals[group]!);
    if (isOne) continue;
    for (let place = 0; place < groups.greatest.length; place++)
      run.put(groups.sums[place]![group]! - groups.greatest[place]![group]!);
  }
  endRun();
  return writer.take();
}
