import type { Category } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import { parseGroupKey } from '../query/parse-groups.ts';
import type { Aggregate } from '../query/query.ts';
import { aboutBatches } from '../query/resolve-condition.ts';
import type { RecordSource } from './store.ts';

const count: Aggregate = { kind: 'count', name: 'count' };

/** What was measured in one run. */
export interface MeasuredRun {
  /** The value of the label that tells runs apart; undefined where all records are one run. */
  readonly name: string | undefined;
  readonly records: number;
  /** By the aggregates' names; null where there was nothing to work it out of. */
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * Lists the runs of what a condition chooses: the values of the label that tells them apart, or undefined alone where
 * there is no such label and all records are one run. A run is there if it has any records on the hosts, labels and
 * times that the condition is about, whether they match or not; records without the label are in none.
 */
export async function listRuns(
  source: Pick<RecordSource, 'aggregate'>,
  category: Category,
  where: Condition,
  label: string | undefined,
): Promise<readonly (string | undefined)[]> {
  const recorded = await ask(source, category, aboutBatches(where), [count], label);
  return [...recorded]
    .filter(([name, row]) => Number(row.count) > 0 && (label === undefined || name !== null))
    .map(([name]) => name ?? undefined);
}

/**
 * Works out aggregates of the records that a condition chooses, run by run: a run in which nothing matches counts as 0,
 * and one that was never recorded does not count at all.
 */
export async function measureRuns(
  source: Pick<RecordSource, 'aggregate'>,
  category: Category,
  where: Condition,
  aggregates: readonly Aggregate[],
  label: string | undefined,
): Promise<readonly MeasuredRun[]> {
  const names = await listRuns(source, category, where, label);
  const distinct = [...new Map([count, ...aggregates].map((each) => [each.name, each])).values()];
  const measured = await ask(source, category, where, distinct, label);
  return names.map((name) => {
    const row = measured.get(name ?? null);
    const values = Object.fromEntries(
      distinct.map((each) => [
        each.name,
        (row?.[each.name] as number | null | undefined) ?? emptyValue(each),
      ]),
    );
    return { name, records: Number(row?.count ?? 0), values };
  });
}

/** Of no records a number and a sum are 0; nothing else is anything. */
function emptyValue({ kind }: Aggregate): number | null {
  return kind === 'count' || kind === 'sum' ? 0 : null;
}

async function ask(
  source: Pick<RecordSource, 'aggregate'>,
  category: Category,
  where: Condition,
  aggregates: readonly Aggregate[],
  label: string | undefined,
): Promise<ReadonlyMap<string | null, Readonly<Record<string, unknown>>>> {
  const keys = label === undefined ? [] : [parseGroupKey(`labels.${label}`, category)];
  const groups = new Map<string | null, Readonly<Record<string, unknown>>>();
  const [key] = keys;
  for await (const { rows } of source.aggregate({
    kind: 'groups',
    category,
    keys,
    aggregates,
    where,
    sort: [],
  })) {
    for (const row of rows) groups.set(key === undefined ? null : (row[key.name] as string | null), row);
  }
  return groups;
}
