import fc from 'fast-check';
import type { Category, Column, Value } from '../../src/core/category/define-category.ts';
import type { Comparison, Condition, Operator } from '../../src/core/query/condition.ts';
import { anyInt, anyText, anyTimeUs } from './arbitrary-batches.ts';

const comparable: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
/** Patterns that RE2 and JavaScript read alike. */
const patterns = ['^d', 'btrfs|xfs', '[dD]+$', '[0-9]', '[%_]', '[^x]', '^$', '\\\\', 'é|漢'];

type Field = Pick<Column, 'name' | 'type'>;

/** Comparisons of every kind with a category's columns and with labels. */
export function anyComparison(category: Category): fc.Arbitrary<Comparison> {
  const labels = ['labels.kernel', 'labels.run', 'labels.__proto__', 'labels.constructor', 'labels.a b'];
  const fields: readonly Field[] = [
    ...category.columns,
    ...labels.map((name) => ({ name, type: 'string' as const })),
  ];
  return fc.constantFrom(...fields).chain(comparisonOf);
}

/** Conditions in the one form that parsing gives: groups of two or more, and none directly in one of its own kind. */
export function anyCondition(category: Category): fc.Arbitrary<Condition> {
  const comparison = anyComparison(category);
  const group = (kind: 'and' | 'or', depth: number): fc.Arbitrary<Condition> => {
    const part =
      depth === 0
        ? comparison
        : fc.oneof({ weight: 3, arbitrary: comparison }, group(other(kind), depth - 1));
    return fc.array(part, { minLength: 2, maxLength: 4 }).map((conditions) => ({ kind, conditions }));
  };
  return fc.oneof(comparison, group('and', 2), group('or', 2));
}

function other(kind: 'and' | 'or'): 'and' | 'or' {
  return kind === 'and' ? 'or' : 'and';
}

function comparisonOf({ name, type }: Field): fc.Arbitrary<Comparison> {
  const isText = type === 'string' || type === 'stack';
  const value: fc.Arbitrary<Value> = isText ? anyText : type === 'timestamp' ? anyTimeUs : anyNumber;
  const make = (operators: readonly Operator[], operand: fc.Arbitrary<Value | readonly Value[]>) =>
    fc
      .tuple(fc.constantFrom(...operators), operand)
      .map(([operator, value]): Comparison => ({ kind: 'compare', field: name, operator, value }));
  const forms = [
    { weight: 4, arbitrary: make(comparable, value) },
    { weight: 2, arbitrary: make(['in', 'not in'], fc.array(value, { minLength: 1, maxLength: 4 })) },
    { weight: 1, arbitrary: make(['is null', 'is not null'], fc.constant(null)) },
  ];
  if (isText) {
    forms.push({ weight: 3, arbitrary: make(['contains', 'not contains'], anyText) });
    forms.push({ weight: 1, arbitrary: make(['~', '!~'], fc.constantFrom(...patterns)) });
  }
  return fc.oneof(...forms);
}

/** Whole numbers as records have them, and fractions, which no record equals. */
const anyNumber = fc.oneof(
  { weight: 5, arbitrary: anyInt },
  { weight: 1, arbitrary: fc.constantFrom(0.5, -1.5, 1e-7, 1e21) },
);
