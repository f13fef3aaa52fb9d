import { formatTimestamp } from '../base/timestamp.ts';
import type { AnswerColumn, AnswerRow, AnswerValue } from '../category/answer-column.ts';
import { type Category, isNumeric } from '../category/define-category.ts';
import { allOf, type Condition } from '../query/condition.ts';
import { makeGroupQuery } from '../query/make-group-query.ts';
import type { GroupQuery } from '../query/query.ts';
import type { GroupChunk, RecordSource } from './store.ts';

/** What each column of some records comes to; `columns` are those of the rows. */
export interface RecordStats {
  readonly columns: readonly AnswerColumn[];
  /** One for each column of the category, numbers in the column's own unit. */
  readonly rows: readonly AnswerRow[];
  readonly records: number;
}

const ofNumbers = ['min', 'p50', 'avg', 'p90', 'p99', 'max', 'sum'] as const;

const columns: readonly AnswerColumn[] = [
  { name: 'column', type: 'string' },
  { name: 'type', type: 'string' },
  { name: 'unit', type: 'string' },
  { name: 'distinct', type: 'count' },
  { name: 'top', type: 'string' },
  { name: 'top_records', type: 'count' },
  ...ofNumbers.map((name): AnswerColumn => ({ name, type: 'int' })),
];

/** Takes a quick look at records: how many, the spread of every number, and what is most frequent of every text. */
export async function collectStats(
  source: RecordSource,
  category: Category,
  where: Condition,
): Promise<RecordStats> {
  const numbers = category.columns.filter(isNumeric);
  const times = category.columns.filter(({ type }) => type === 'timestamp');
  const aggregates = [
    ...numbers.flatMap(({ name }) => ofNumbers.map((each) => `${each}(${name})`)),
    ...times.flatMap(({ name }) => [`min(${name})`, `max(${name})`]),
  ];
  const whole = await ask(source, makeGroupQuery({ groupBy: [], aggregates }, category, where));
  const totals = whole.rows[0]!;
  const rows: AnswerRow[] = [];
  for (const { name, type, unit } of category.columns) {
    const row: Record<string, AnswerValue> = Object.fromEntries(columns.map((column) => [column.name, null]));
    for (const each of ofNumbers) row[each] = totals[`${each}(${name})`] ?? null;
    if (type === 'timestamp') {
      for (const each of ['min', 'max'] as const) {
        const time = row[each];
        if (typeof time === 'number') row[each] = formatTimestamp(time);
      }
    }
    if (type === 'string' || type === 'stack') {
      const { groups, rows: top } = await ask(source, mostFrequent(name, category, where));
      row.distinct = groups;
      row.top = top[0]?.[name] ?? null;
      row.top_records = top[0]?.[records] ?? null;
    }
    rows.push({ ...row, column: name, type, unit: type === 'elapsed' ? (unit ?? 'us') : null });
  }
  return { columns, rows, records: whole.records };
}

/** What is counted has a name that no column can have. */
const records = 'count()';

function mostFrequent(column: string, category: Category, where: Condition): GroupQuery {
  return {
    kind: 'groups',
    category,
    keys: [{ kind: 'column', name: column, column }],
    aggregates: [{ kind: 'count', name: records }],
    where: allOf([where, { kind: 'compare', field: column, operator: 'is not null', value: null }]),
    sort: [{ by: 'aggregate', place: 0, descending: true }],
    limit: 1,
  };
}

async function ask(source: RecordSource, query: GroupQuery): Promise<GroupChunk> {
  for await (const chunk of source.aggregate(query)) return chunk;
  throw new Error('a question for groups had no answer');
}
