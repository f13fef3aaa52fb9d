import { formatTimestamp } from '../base/timestamp.ts';
import type { Category, Value } from '../category/define-category.ts';
import type { Comparison, Condition } from './condition.ts';
import { printGroupKey, printGroupSort } from './parse-groups.ts';
import type { Query } from './query.ts';
import { findField } from './read-literal.ts';

/** Prints a query as the JSON that `parseQueries` reads back: `{"<category>": {...}}`. */
export function encodeQuery(query: Query): Record<string, unknown> {
  const constraints = encodeConstraints(query.where, query.category);
  if (query.kind === 'stacks') {
    const elements = query.weight === undefined ? [query.stack] : [query.stack, query.weight];
    return { [query.category.name]: { elements, constraints, format: 'flamegraph' } };
  }
  const { name } = query.category;
  const page = {
    ...(query.limit !== undefined && { limit: query.limit }),
    ...(query.offset !== undefined && { offset: query.offset }),
  };
  if (query.kind === 'groups') {
    const { keys, aggregates } = query;
    const groupby = keys.map(printGroupKey);
    const sort = query.sort.map((key) => printGroupSort(key, keys, aggregates));
    return {
      [name]: {
        groupby,
        aggregates: aggregates.map((each) => each.name),
        constraints,
        sort,
        ...page,
        format: 'list',
      },
    };
  }
  const sort = query.sort.map((key) => `${key.descending ? '-' : ''}${key.column}`);
  return { [name]: { elements: query.columns, constraints, sort, ...page, format: 'list' } };
}

function encodeConstraints(where: Condition, category: Category): readonly unknown[] {
  if (where.kind === 'compare') return [{ conditions: [encodeComparison(where, category)] }];
  if (where.kind === 'and' && where.conditions.length === 0) return [];
  return [encodeCondition(where, category)];
}

function encodeCondition(condition: Condition, category: Category): unknown {
  if (condition.kind === 'compare') return encodeComparison(condition, category);
  return {
    oper: condition.kind,
    conditions: condition.conditions.map((part) => encodeCondition(part, category)),
  };
}

function encodeComparison(comparison: Comparison, category: Category): unknown {
  const { field, operator, value } = comparison;
  if (operator === 'is null' || operator === 'is not null')
    return { [field]: null, expr: operator === 'is null' ? '=' : '!=' };
  const isTime = findField(category, field).type === 'timestamp';
  const encode = (item: Value) => (isTime && typeof item === 'number' ? formatTimestamp(item) : item);
  return { [field]: Array.isArray(value) ? value.map(encode) : encode(value as Value), expr: operator };
}
