import { type Category, findColumn } from '../category/define-category.ts';
import { always, type Comparison, type Condition, labelKey, type Operator } from './condition.ts';

/** Operators that compare plain numbers in the rows themselves. */
export type NumberOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/**
 * A condition in terms of what rows hold: ids of dictionary entries and numbers. `source` tests the batch's source, `batch` its id,
 * `dictionary` a column of ids, `time` and `times` the record's time, `number` and `numbers` a column of whole numbers.
 */
export type Resolved =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Resolved[] }
  | { readonly kind: 'source' | 'batch'; readonly ids: readonly number[] }
  | {
      readonly kind: 'dictionary';
      readonly column: string;
      readonly ids: readonly number[];
      readonly negated: boolean;
    }
  | { readonly kind: 'time'; readonly operator: NumberOperator; readonly value: number }
  | { readonly kind: 'times'; readonly values: readonly number[]; readonly negated: boolean }
  | {
      readonly kind: 'number';
      readonly column: string;
      readonly operator: NumberOperator;
      readonly value: number;
    }
  | {
      readonly kind: 'numbers';
      readonly column: string;
      readonly values: readonly number[];
      readonly negated: boolean;
    }
  | { readonly kind: 'null'; readonly column: string; readonly negated: boolean };

/** What a store answers while a condition is resolved: ids of the dictionary entries that a comparison holds for. */
export interface IdLookup {
  /** Ids of the sources (host and labels) that satisfy the comparison. */
  matchSources(comparison: Comparison): Promise<readonly number[]>;
  /** Ids of the entries of a dictionary that satisfy the comparison, which is never a negated one. */
  matchEntries(dictionary: 'string' | 'stack', comparison: Comparison): Promise<readonly number[]>;
}

export const nothing: Resolved = { kind: 'or', conditions: [] };
export const everything: Resolved = { kind: 'and', conditions: [] };

/** The negated text operators and what they are the negation of: ids are looked up for the positive form. */
const positives: Partial<Record<Operator, Operator>> = {
  '!=': '=',
  'not contains': 'contains',
  '!~': '~',
  'not in': 'in',
};

/** Looks up every name of a condition in the dictionaries, and folds what holds for all or for none. */
export async function resolveCondition(
  condition: Condition,
  category: Category,
  lookup: IdLookup,
): Promise<Resolved> {
  if (condition.kind === 'compare') return resolveComparison(condition, category, lookup);
  const parts: Resolved[] = [];
  for (const part of condition.conditions) {
    const resolved = await resolveCondition(part, category, lookup);
    if (isEmpty(resolved, condition.kind === 'and' ? 'or' : 'and')) return resolved;
    if (!isEmpty(resolved, condition.kind)) parts.push(resolved);
  }
  return parts.length === 1 ? parts[0]! : { kind: condition.kind, conditions: parts };
}

/** Tells whether a resolved condition holds for no record at all. */
export function isNothing(resolved: Resolved): boolean {
  return isEmpty(resolved, 'or');
}

function isEmpty(resolved: Resolved, kind: 'and' | 'or'): boolean {
  return resolved.kind === kind && resolved.conditions.length === 0;
}

async function resolveComparison(
  comparison: Comparison,
  category: Category,
  lookup: IdLookup,
): Promise<Resolved> {
  const { field, operator, value } = comparison;
  if (field === 'hostname' || labelKey(field) !== undefined) {
    const ids = await lookup.matchSources(comparison);
    return ids.length === 0 ? nothing : { kind: 'source', ids };
  }
  const column = findColumn(category, field);
  if (column === undefined) throw new Error(`no column ${field} in ${category.name}`);
  if (operator === 'is null' || operator === 'is not null') {
    const negated = operator === 'is not null';
    return field === 'time' ? (negated ? everything : nothing) : { kind: 'null', column: field, negated };
  }
  if (column.type === 'string' || column.type === 'stack') {
    const positive = positives[operator];
    const ids = await lookup.matchEntries(
      column.type,
      positive === undefined ? comparison : { ...comparison, operator: positive },
    );
    if (ids.length > 0) return { kind: 'dictionary', column: field, ids, negated: positive !== undefined };
    return positive === undefined ? nothing : { kind: 'null', column: field, negated: true };
  }
  if (operator === 'in' || operator === 'not in') {
    return compareNumbers(field, operator === 'not in', value as readonly number[]);
  }
  return compareNumber(field, operator as NumberOperator, value as number);
}

function compareNumbers(field: string, negated: boolean, items: readonly number[]): Resolved {
  // A column of whole numbers equals no fraction, and not every database finds none when it is asked for one.
  const values = items.filter(Number.isSafeInteger);
  if (values.length > 0) {
    return field === 'time'
      ? { kind: 'times', values, negated }
      : { kind: 'numbers', column: field, values, negated };
  }
  if (!negated) return nothing;
  return field === 'time' ? everything : { kind: 'null', column: field, negated: true };
}

function compareNumber(field: string, operator: NumberOperator, value: number): Resolved {
  return field === 'time'
    ? { kind: 'time', operator, value }
    : { kind: 'number', column: field, operator, value };
}

/** Leaves of a condition what is about hosts, labels and times; whatever else is asked is taken to hold. */
export function aboutBatches(condition: Condition): Condition {
  if (condition.kind === 'compare') {
    const { field } = condition;
    return field === 'hostname' || field === 'time' || labelKey(field) !== undefined ? condition : always;
  }
  const parts = condition.conditions.map(aboutBatches);
  const holdsAlways = (part: Condition) => part.kind === 'and' && part.conditions.length === 0;
  if (condition.kind === 'or' && parts.some(holdsAlways)) return always;
  return { kind: condition.kind, conditions: parts.filter((part) => !holdsAlways(part)) };
}

/** Tells whether a part of a condition is about the batch or its times, not about single rows. */
export function isAboutBatch(resolved: Resolved): boolean {
  return ['source', 'batch', 'time', 'times'].includes(resolved.kind);
}

/**
 * Relaxes a condition to what can be told from a batch alone, its source and the span of its times: whatever else is
 * asked is taken to hold. No batch that has a matching record fails the relaxed condition.
 */
export function relaxToBatch(resolved: Resolved): Resolved {
  if (isAboutBatch(resolved)) return resolved;
  if (resolved.kind !== 'and' && resolved.kind !== 'or') return everything;
  const parts = resolved.conditions.map(relaxToBatch);
  if (resolved.kind === 'or' && parts.some((part) => isEmpty(part, 'and'))) return everything;
  const kept = parts.filter((part) => !isEmpty(part, resolved.kind));
  return kept.length === 1 ? kept[0]! : { kind: resolved.kind, conditions: kept };
}
