import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Value } from '../category/define-category.ts';

/** Every comparison there is, with its opposite: `not` is pushed down to the comparisons when a condition is read. */
export const negations = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  contains: 'not contains',
  'not contains': 'contains',
  '~': '!~',
  '!~': '~',
  in: 'not in',
  'not in': 'in',
  'is null': 'is not null',
  'is not null': 'is null',
} as const satisfies Record<string, string>;

export type Operator = keyof typeof negations;
export const operators = Object.keys(negations) as readonly Operator[];

/**
 * One comparison. `field` is a column's name or `labels.<key>`. `value` is in the column's stored form: text,
 * microseconds since 1970 UTC, or a number in the column's own unit; an array for `in`, null for `is null`.
 * A record whose field is absent satisfies `is null` and no other comparison.
 */
export interface Comparison {
  readonly kind: 'compare';
  readonly field: string;
  readonly operator: Operator;
  readonly value: Value | readonly Value[];
}

/** What records must satisfy, whatever it was read from: `--where`, the JSON constraints or flags. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | Comparison;

/** The condition that every record satisfies. */
export const always: Condition = { kind: 'and', conditions: [] };

/** Joins conditions by and, leaving out those that are always true. */
export function allOf(conditions: readonly Condition[]): Condition {
  const parts = conditions.flatMap((condition) =>
    condition.kind === 'and' ? condition.conditions : [condition],
  );
  return parts.length === 1 ? parts[0]! : { kind: 'and', conditions: parts };
}

/** The opposite of a condition, with negation only inside the comparisons (De Morgan). */
export function negate(condition: Condition): Condition {
  if (condition.kind === 'compare') return { ...condition, operator: negations[condition.operator] };
  return { kind: condition.kind === 'and' ? 'or' : 'and', conditions: condition.conditions.map(negate) };
}

/** Most comparisons of one condition: databases bound what a statement may hold, and no person asks for more. */
const MAX_COMPARISONS = 10_000;

/** Gives back a condition that was read from outside. Throws `bad_query` where it has more comparisons than may be. */
export function checkSize(condition: Condition): Condition {
  if (countComparisons(condition) <= MAX_COMPARISONS) return condition;
  throw new KernelscopeError('bad_query', 'there are more than 10,000 comparisons', {
    suggestions: ["'in' compares with any number of values at once"],
  });
}

function countComparisons(condition: Condition): number {
  if (condition.kind === 'compare') return 1;
  return condition.conditions.reduce((count, part) => count + countComparisons(part), 0);
}

const labelPrefix = 'labels.';

/** The key of a `labels.<key>` field, or undefined for a column. */
export function labelKey(field: string): string | undefined {
  return field.startsWith(labelPrefix) ? field.slice(labelPrefix.length) : undefined;
}
