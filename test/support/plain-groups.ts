import type { AnswerRow, AnswerValue, Histogram } from '../../src/core/category/answer-column.ts';
import type { Value } from '../../src/core/category/define-category.ts';
import type { Aggregate, GroupKey, GroupQuery } from '../../src/core/query/query.ts';
import { comparePlainly, type PlainRecord, selectPlainly } from './plain-records.ts';

/** Answers a question for groups by looking at each record: all groups, in order, before any limit. */
export function groupPlainly(
  records: readonly PlainRecord[],
  query: GroupQuery,
): { readonly rows: readonly AnswerRow[]; readonly records: number } {
  const matching = selectPlainly(records, { ...query, kind: 'rows', columns: [], sort: [] });
  const groups = new Map<string, { keys: readonly Value[]; members: PlainRecord[] }>();
  if (query.keys.length === 0) groups.set('[]', { keys: [], members: [] });
  for (const record of matching) {
    const keys = query.keys.map((key) => keyOf(key, record));
    const text = JSON.stringify(keys);
    if (!groups.has(text)) groups.set(text, { keys, members: [] });
    groups.get(text)!.members.push(record);
  }
  const answers = [...groups.values()].map(({ keys, members }) => ({
    keys,
    values: query.aggregates.map((aggregate) => workOut(aggregate, members)),
  }));
  const sorted = answers.toSorted((a, b) => {
    for (const { by, place, descending } of query.sort) {
      const [left, right] = by === 'key' ? [a.keys, b.keys] : [a.values, b.values];
      const order = comparePlainly(left[place] as Value, right[place] as Value);
      if (order !== 0) return descending ? -order : order;
    }
    for (const [place, key] of a.keys.entries()) {
      const order = comparePlainly(key, b.keys[place]!);
      if (order !== 0) return order;
    }
    return 0;
  });
  const names = [...query.keys, ...query.aggregates].map(({ name }) => name);
  return {
    rows: sorted.map(({ keys, values }) =>
      Object.fromEntries([...keys, ...values].map((value, at) => [names[at]!, value])),
    ),
    records: matching.length,
  };
}

function keyOf(key: GroupKey, { values, labels }: PlainRecord): Value {
  switch (key.kind) {
    case 'column':
      return values[key.column]!;
    case 'label':
      return Object.hasOwn(labels, key.key) ? labels[key.key]! : null;
    case 'bucket': {
      const time = values[key.column] as number | null;
      return time === null ? null : Math.floor(time / key.widthUs) * key.widthUs;
    }
    case 'frame': {
      const stack = values[key.column] as string | null;
      if (stack === null || stack === '') return null;
      const frames = stack.split(';');
      if (key.frame === 'wchan') {
        const innermost = frames.toReversed();
        return innermost.find((frame) => frame !== '__schedule' && frame !== 'schedule') ?? innermost[0]!;
      }
      return frames[key.frame > 0 ? key.frame - 1 : frames.length + key.frame] ?? null;
    }
  }
}

function workOut(aggregate: Aggregate, members: readonly PlainRecord[]): AnswerValue {
  if (aggregate.kind === 'count') return members.length;
  const weighed = members
    .map((record) => ({
      value: numberOf(record, aggregate.column),
      weight: weightOf(record, aggregate.column),
    }))
    .filter((each): each is { value: number; weight: number } => each.value !== null);
  const numbers = weighed.map(({ value }) => value).toSorted((a, b) => a - b);
  const sum = Number(numbers.reduce((total, value) => total + BigInt(value), 0n));
  switch (aggregate.kind) {
    case 'sum':
      return sum;
    case 'avg':
      return numbers.length === 0 ? null : sum / numbers.length;
    case 'min':
      return numbers[0] ?? null;
    case 'max':
      return numbers.at(-1) ?? null;
    case 'percentile':
      return nearestRank(weighed, aggregate.percent);
    case 'hist':
      return histogram(weighed);
  }
}

/** A column `count` is how many events a record stands for, one where it is absent. */
function numberOf({ category, values }: PlainRecord, column: string): number | null {
  const isEvents =
    column === 'count' && category.columns.some(({ name, type }) => name === 'count' && type === 'int');
  return isEvents ? ((values.count as number | null) ?? 1) : (values[column] as number | null);
}

function weightOf(record: PlainRecord, column: string): number {
  const hasEvents = record.category.columns.some(({ name, type }) => name === 'count' && type === 'int');
  if (!hasEvents || column === 'count') return 1;
  return Math.min(Math.max(numberOf(record, 'count')!, 0), 2 ** 32 - 1);
}

/** The least value that at least that share of the whole weight is not above. */
function nearestRank(
  weighed: readonly { readonly value: number; readonly weight: number }[],
  percent: number,
): number | null {
  const sorted = weighed.filter(({ weight }) => weight > 0).toSorted((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  let reached = 0n;
  for (const { value, weight } of sorted) {
    reached += BigInt(weight);
    if (reached * 100_000n >= total * BigInt(Math.round(percent * 1000))) return value;
  }
  return null;
}

function histogram(weighed: readonly { readonly value: number; readonly weight: number }[]): Histogram {
  const bounds = [0, 1, ...Array.from({ length: 53 }, (_, power) => 2 ** (power + 1))];
  const buckets = [
    { from: null as number | null, to: 0 },
    ...bounds.slice(1).map((to, at) => ({ from: bounds[at]!, to })),
  ];
  return buckets.flatMap(({ from, to }) => {
    const count = weighed
      .filter(({ value }) => (from === null || value >= from) && value < to)
      .reduce((sum, { weight }) => sum + weight, 0);
    return count === 0 ? [] : [{ from, to, count }];
  });
}
