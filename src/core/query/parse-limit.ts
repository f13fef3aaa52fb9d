import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { AnswerColumn } from '../category/answer-column.ts';
import type { Category } from '../category/define-category.ts';
import { answerColumns } from './answer-columns.ts';
import { always } from './condition.ts';
import { parseAggregate } from './parse-groups.ts';
import type { Aggregate } from './query.ts';
import { readLiteral } from './read-literal.ts';

const comparisons = ['<', '<=', '>', '>=', '=', '!='] as const;

/** What something that is worked out of records may be, at least or at most. */
export interface Limit {
  readonly aggregate: Aggregate;
  readonly operator: (typeof comparisons)[number];
  /** In the unit of the aggregate's column. */
  readonly value: number;
}

/** By how much something may grow: a part of what it was, or an amount in its own unit. */
export type Growth =
  | { readonly kind: 'relative'; readonly share: number }
  | { readonly kind: 'absolute'; readonly amount: number };

/** Reads a condition such as `p99(elapsed) <= 5ms` or `count < 100`. Throws `bad_query`, `unknown_column`, `bad_value`. */
export function parseLimit(text: string, category: Category, nowUs: number): Limit {
  const [, left, sign, right] = /^([^<>=!~]+?)\s*([<>=!~]+)\s*(.+)$/.exec(text.trim()) ?? [];
  const operator = comparisons.find((each) => each === sign);
  if (left === undefined || right === undefined || operator === undefined) {
    throw new KernelscopeError('bad_query', `'${text}' is no condition on what is worked out of records`, {
      suggestions: ['write it like p99(elapsed) <= 5ms, or count = 0'],
    });
  }
  const aggregate = parseSingleAggregate(left, category);
  return { aggregate, operator, value: readAmount(aggregate, right, category, nowUs) };
}

/** Reads `10%`, or an amount in the unit of an aggregate such as `5ms`. Throws `bad_value`. */
export function parseGrowth(text: string, aggregate: Aggregate, category: Category, nowUs: number): Growth {
  const percent = /^(\d+(?:\.\d*)?|\.\d+)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined) return { kind: 'relative', share: Number(percent) / 100 };
  const amount = readAmount(aggregate, text, category, nowUs);
  if (amount >= 0) return { kind: 'absolute', amount };
  throw new KernelscopeError('bad_value', `'${text}' is less than nothing, and no growth`);
}

/** Reads an aggregate that is a single number. Throws `bad_query` or `unknown_column`. */
export function parseSingleAggregate(text: string, category: Category): Aggregate {
  const aggregate = parseAggregate(text.trim(), category);
  const { type } = columnOf(aggregate, category);
  if (type !== 'histogram' && type !== 'timestamp') return aggregate;
  throw new KernelscopeError('bad_query', `'${text}' is no number that could be compared`);
}

/** The column that an aggregate makes in an answer. */
export function columnOf(aggregate: Aggregate, category: Category): AnswerColumn {
  const query = {
    kind: 'groups',
    category,
    keys: [],
    aggregates: [aggregate],
    where: always,
    sort: [],
  } as const;
  return answerColumns(query)[0]!;
}

function readAmount(aggregate: Aggregate, text: string, category: Category, nowUs: number): number {
  const { name, type, unit } = columnOf(aggregate, category);
  const field = {
    name,
    type: type === 'elapsed' ? 'elapsed' : 'int',
    ...(unit !== undefined && { unit }),
  } as const;
  return Number(readLiteral(field, text.trim(), nowUs));
}
