import { expect, test } from 'vitest';
import {
  allOf,
  always,
  type Condition,
  labelKey,
  negate,
  negations,
  type Operator,
  operators,
} from '../../../src/core/query/condition.ts';

function compare(operator: Operator): Condition {
  return { kind: 'compare', field: 'pid', operator, value: 1 };
}

test('each operator has one opposite, whose opposite it is', () => {
  for (const operator of operators) expect(negations[negations[operator]]).toBe(operator);
  expect(new Set(Object.values(negations)).size).toBe(operators.length);
});

test('a negated group is the other group of the negated parts', () => {
  const condition: Condition = {
    kind: 'and',
    conditions: [compare('='), { kind: 'or', conditions: [compare('<')] }],
  };
  expect(negate(condition)).toEqual({
    kind: 'or',
    conditions: [compare('!='), { kind: 'and', conditions: [compare('>=')] }],
  });
  expect(negate(negate(condition))).toEqual(condition);
  expect(negate(always)).toEqual({ kind: 'or', conditions: [] });
});

test('conditions are joined without groups that say nothing', () => {
  expect(allOf([])).toEqual(always);
  expect(allOf([always, compare('=')])).toEqual(compare('='));
  expect(allOf([{ kind: 'and', conditions: [compare('='), compare('<')] }, compare('>')])).toEqual({
    kind: 'and',
    conditions: [compare('='), compare('<'), compare('>')],
  });
  const either: Condition = { kind: 'or', conditions: [compare('='), compare('<')] };
  expect(allOf([either])).toEqual(either);
});

test('labels are fields of their own', () => {
  expect(labelKey('labels.kernel')).toBe('kernel');
  expect(labelKey('labels.a.b')).toBe('a.b');
  expect(labelKey('labels')).toBeUndefined();
  expect(labelKey('pid')).toBeUndefined();
});
