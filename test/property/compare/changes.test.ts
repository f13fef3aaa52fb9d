import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjustProbabilities } from '../../../src/core/compare/adjust-probabilities.ts';
import { listChanges } from '../../../src/core/compare/list-changes.ts';
import { welchTest } from '../../../src/core/compare/welch-test.ts';
import { buildTree } from '../../../src/core/stack/build-tree.ts';
import { parseFolded } from '../../../src/core/stack/parse-folded.ts';
import { printDiffFolded } from '../../../src/core/stack/print-diff-folded.ts';
import { printFolded } from '../../../src/core/stack/print-folded.ts';
import { compareTrees } from '../../unit/stack/stacks.ts';
import { stacks } from '../stack/arbitrary-stacks.ts';

test('a tree has no change against itself, and the changes of stacks add up to that of the total', () => {
  fc.assert(
    fc.property(stacks, stacks, (first, second) => {
      const [before, after] = [buildTree(first), buildTree(second)];
      for (const { delta } of listChanges(compareTrees(before, before), 'stack')) expect(delta).toBe(0);
      const changes = listChanges(compareTrees(before, after), 'stack');
      const sum = changes.reduce((total, { delta }) => total + delta, 0);
      expect(sum).toBe(after.totals[0]! - before.totals[0]!);
    }),
  );
});

test('each column of a folded difference reads back as its side', () => {
  fc.assert(
    fc.property(stacks, stacks, (first, second) => {
      const sides = [buildTree(first), buildTree(second)] as const;
      const lines = [...printDiffFolded(compareTrees(...sides).diff)].join('').split('\n').slice(0, -1);
      for (const [side, tree] of sides.entries()) {
        const column = lines.map((line) => {
          const [, stack, ...weights] = /^(.*) (\S+) (\S+)$/.exec(line)!;
          return `${stack} ${weights[side]}`;
        });
        const back = buildTree(parseFolded(Buffer.from(`${column.join('\n')}\n`)));
        const weighing = (text: string) => text.split('\n').filter((line) => !line.endsWith(' 0'));
        expect(weighing([...printFolded(back)].join(''))).toEqual(weighing([...printFolded(tree)].join('')));
      }
    }),
  );
});

const runs = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 2, maxLength: 6 });

test('a p-value is a probability, and an interval holds the difference that was seen', () => {
  fc.assert(
    fc.property(runs, runs, (before, after) => {
      const { difference, p, low, high } = welchTest(before, after)!;
      expect(p).toBeGreaterThanOrEqual(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(difference);
      expect(high).toBeGreaterThanOrEqual(difference);
    }),
  );
});

test('adjusted p-values keep the order, and are no smaller', () => {
  const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(probabilities, (values) => {
      const adjusted = adjustProbabilities(values);
      const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
      for (const [place, index] of order.entries()) {
        expect(adjusted[index]).toBeGreaterThanOrEqual(values[index]!);
        expect(adjusted[index]).toBeLessThanOrEqual(1);
        if (place > 0) expect(adjusted[index]).toBeGreaterThanOrEqual(adjusted[order[place - 1]!]!);
      }
    }),
  );
});
