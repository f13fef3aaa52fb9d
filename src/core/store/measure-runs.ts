import type { Category } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import { parseGroupKey } from '../query/parse-groups.ts';
import type { Aggregate, GroupQuery } from '../query/query.ts';
import { aboutBatches } from '../query/resolve-condition.ts';
import type { RecordSource } from './store.ts';

/** What was measured in one run. */
export interface MeasuredRun {
  /** The value of the label that tells runs apart; undefined where all records are one run. */
  readonly name: string | undefined;
  readonly records: number;
  /** By the aggregates' names; null where there was nothing to work it out of. */
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * Works out aggregates of the records that a condition chooses, run by run: one for each value of a label, or all
 * records as one. A run is there if it has any records on the hosts, labels and times that the condition is about, so
 * that a run in which nothing matches counts as 0, and one that was never recorded does not count at all.
 */
export async function measureRuns(
  source: Pick<RecordSource, 'aggregate'>,
  category: Category,
  where: Condition,
  aggregates: readonly Aggregate[],
  label: string | undefined,
): Promise<readonly MeasuredRun[]> {
  const keys = label === undefined ? [] : [parseGroupKey(`labels.${label}`, category)];
  const count: Aggregate = { kind: 'count', name: 'count' };
  const base = { kind: 'groups', category, keys, sort: [] } as const;
  const recorded = await ask(source, { ...base, aggregates: [count], where: aboutBatches(where) });
  const distinct = [...new Map([count, ...aggregates].map((each) => [each.name, each])).values()];
  const measured = await ask(source, { ...base, aggregates: distinct, where });
  const runs: MeasuredRun[] = [];
  for (const [name, { count: known }] of recorded) {
    if (!(Number(known) > 0) || (label !== undefined && name === null)) continue;
    const row = measured.get(name);
    const values = Object.fromEntries(
      distinct.map((each) => [
        each.name,
        (row?.[each.name] as number | null | undefined) ?? emptyValue(each),
      ]),
    );
    runs.push({ name: name ?? undefined, records: Number(row?.count ?? 0), values });
  }
  return runs;
}

/** Of no records a number and a sum are 0; nothing else is anything. */
function emptyValue({ kind }: Aggregate): number | null {
  return kind === 'count' || kind === 'sum' ? 0 : null;
}

async function ask(
  source: Pick<RecordSource, 'aggregate'>,
  query: GroupQuery,
): Promise<ReadonlyMap<string | null, Readonly<Record<string, unknown>>>> {
  const groups = new Map<string | null, Readonly<Record<string, unknown>>>();
  const [key] = query.keys;
  for await (const { rows } of source.aggregate(query)) {
    for (const row of rows) groups.set(key === undefined ? null : (row[key.name] as string | null), row);
  }
  return groups;
}
