import fc from 'fast-check';
import { expect, test } from 'vitest';
import { offcputime } from '../../../src/core/category/offcputime.ts';
import { parseWhere } from '../../../src/core/query/parse-where.ts';
import { exampleConditions } from '../../../src/web/app/query/example-conditions.ts';
import { compareFrame, extendWhere } from '../../../src/web/app/query/extend-where.ts';
import { diskwait, mounts } from './categories.ts';

const isDd = { kind: 'compare', field: 'process', operator: '=', value: 'dd' } as const;

test.each([
  ['', 'process = dd'],
  ['  ', 'process = dd'],
  ['elapsed > 5ms', 'elapsed > 5ms and process = dd'],
  ['pid = 1 and elapsed > 5ms', 'pid = 1 and elapsed > 5ms and process = dd'],
  ['pid = 1 or elapsed > 5ms', '(pid = 1 or elapsed > 5ms) and process = dd'],
  ['elapsd > 5ms', '(elapsd > 5ms) and process = dd'],
])('adding to %j keeps its words and its meaning', (where, expected) => {
  expect(extendWhere(where, isDd, offcputime)).toBe(expected);
});

test('a frame is compared by its whole name, whatever characters it has', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(';'));
  fc.assert(
    fc.property(name, (frame) => {
      const where = extendWhere('', compareFrame('stack', frame, true), offcputime);
      const condition = parseWhere(where, offcputime, 0);
      if (condition.kind !== 'compare') throw new Error('not one comparison');
      const pattern = new RegExp(condition.value as string);
      // Neighbours that no frame can be, not even one of a single letter.
      const [before, after] = [`y${frame}`, `${frame}y`];
      for (const stack of [frame, `${before};${frame}`, `${frame};${after}`, `${before};${frame};${after}`]) {
        expect(stack).toMatch(pattern);
      }
      expect(`${before};x${frame};${after}`).not.toMatch(pattern);
      expect(`${before};${frame}x;${after}`).not.toMatch(pattern);
    }),
  );
});

test.each([offcputime, diskwait, mounts])('every example for $name can be asked', (category) => {
  const examples = exampleConditions(category).filter(({ where }) => !where.startsWith('a and'));
  expect(examples.length).toBeGreaterThan(3);
  for (const { where } of examples) expect(() => parseWhere(where, category, 0)).not.toThrow();
});
