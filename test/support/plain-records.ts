import {
  type Category,
  countColumn,
  entryColumns,
  type Value,
} from '../../src/core/category/define-category.ts';
import { valueAt } from '../../src/core/category/entry-columns.ts';
import type { Comparison, Condition } from '../../src/core/query/condition.ts';
import type { RowQuery, StackQuery } from '../../src/core/query/query.ts';
import type { Batch } from '../../src/core/wire/batch.ts';

/** One record, as anyone would keep it who had no database. */
export interface PlainRecord {
  readonly category: Category;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Value>>;
}

/** Writes a batch out as records. */
export function plainRecords({ entries, hostname, timeUs, labels }: Batch): readonly PlainRecord[] {
  return entries.flatMap(({ category, length, values, timesUs }) =>
    Array.from({ length }, (_, at) => ({
      category,
      labels,
      values: {
        hostname,
        time: valueAt(timesUs, at) ?? timeUs,
        ...Object.fromEntries(entryColumns(category).map(({ name }, c) => [name, valueAt(values[c], at)])),
      },
    })),
  );
}

/** Answers a question for records by looking at each: all that match, in the asked order, before any limit. */
export function selectPlainly(records: readonly PlainRecord[], query: RowQuery): readonly PlainRecord[] {
  const matching = records.filter(
    (record) => record.category.name === query.category.name && holds(query.where, record),
  );
  return matching.toSorted((a, b) => {
    for (const { column, descending } of query.sort) {
      const order = comparePlainly(a.values[column]!, b.values[column]!);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

/** Weighs stacks by looking at each record; sums are exact, then rounded to a double once. */
export function weighPlainly(
  records: readonly PlainRecord[],
  query: StackQuery,
): ReadonlyMap<string, number> {
  const sums = new Map<string, bigint>();
  for (const { values } of selectPlainly(records, { ...query, kind: 'rows', columns: [], sort: [] })) {
    const stack = values[query.stack] as string | null;
    const isCount = query.weight === countColumn(query.category)?.name;
    const weight = query.weight === undefined ? 1 : (values[query.weight] ?? Number(isCount));
    if (stack !== null) sums.set(stack, (sums.get(stack) ?? 0n) + BigInt(weight));
  }
  return new Map([...sums].map(([stack, sum]) => [stack, Number(sum)]));
}

/** Tells whether a record satisfies a condition. */
export function holds(condition: Condition, record: PlainRecord): boolean {
  if (condition.kind === 'and') return condition.conditions.every((part) => holds(part, record));
  if (condition.kind === 'or') return condition.conditions.some((part) => holds(part, record));
  return compares(condition as Comparison, fieldOf(record, (condition as Comparison).field));
}

function fieldOf({ values, labels }: PlainRecord, field: string): Value {
  const key = /^labels\.(.+)$/s.exec(field)?.[1];
  if (key === undefined) return values[field]!;
  return Object.hasOwn(labels, key) ? labels[key]! : null;
}

function compares({ operator, value: operand }: Comparison, value: Value): boolean {
  if (operator === 'is null') return value === null;
  if (value === null) return false;
  const order = () => comparePlainly(value, operand as Value);
  switch (operator) {
    case '=':
      return value === operand;
    case '!=':
      return value !== operand;
    case '<':
      return order() < 0;
    case '<=':
      return order() <= 0;
    case '>':
      return order() > 0;
    case '>=':
      return order() >= 0;
    case 'contains':
      return String(value).includes(String(operand));
    case 'not contains':
      return !String(value).includes(String(operand));
    case '~':
      return new RegExp(String(operand), 'u').test(String(value));
    case '!~':
      return !new RegExp(String(operand), 'u').test(String(value));
    case 'in':
      return (operand as readonly Value[]).includes(value);
    case 'not in':
      return !(operand as readonly Value[]).includes(value);
    case 'is not null':
      return true;
  }
}

/** Orders values: what is absent first, numbers by size, text by the bytes of its UTF-8. */
export function comparePlainly(a: Value, b: Value): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
