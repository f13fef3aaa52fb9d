import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineCategory } from '../../../src/core/category/define-category.ts';
import { textDetail } from '../../../src/core/trace/entry-details.ts';
import { joinEntries, key, maxOf, sumOf } from '../../../src/core/trace/join-entries.ts';
import type { HelperEntry } from '../../../src/core/trace/parse-helper-output.ts';
import { plainValues } from '../../support/plain-values.ts';

const category = defineCategory({
  name: 'sample',
  prettyName: 'Sample',
  columns: [
    { name: 'process', type: 'string', prettyName: 'Process' },
    { name: 'elapsed', type: 'elapsed', prettyName: 'Elapsed' },
    { name: 'waker', type: 'string', prettyName: 'Waker', optional: true },
    { name: 'max', type: 'elapsed', prettyName: 'Longest' },
  ],
});

const readers = {
  process: key(({ process }) => process),
  elapsed: sumOf(({ ns }) => ns),
  waker: key(({ details }) => (details === undefined ? null : String(details.waker))),
  max: maxOf(({ maxNs }) => maxNs),
};

function entry(process: string, ns: number, waker?: string): HelperEntry {
  const all = { process, pid: 1, stack: '0', ns, count: 1, maxNs: ns, state: 0, open: 0 };
  return waker === undefined ? all : { ...all, details: { waker } };
}

test('entries that agree in all keys are one record, in the order in which they came', () => {
  const entries = [entry('a', 1), entry('b', 2), entry('a', 5), entry('a', 7, 'w'), entry('a', 3)];
  const joined = joinEntries(category, entries, readers);
  expect(joined).toMatchObject({ category, length: 3 });
  expect(plainValues(joined)).toEqual([
    ['a', 'b', 'a'],
    [9, 2, 7],
    [null, null, 'w'],
    [5, 2, 7],
  ]);
});

test('no time is lost or counted twice, whatever the entries', () => {
  const arbitrary = fc.record({ process: fc.constantFrom('a', 'b', ''), ns: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(arbitrary), (all) => {
      const { length, values } = joinEntries(
        category,
        all.map(({ process, ns }) => entry(process, ns)),
        readers,
      );
      expect(length).toBe(new Set(all.map(({ process }) => process)).size);
      const sum = (numbers: readonly unknown[]) => numbers.reduce((total: number, n) => total + Number(n), 0);
      expect(sum((values[1] as readonly unknown[] | undefined) ?? [])).toBe(sum(all.map(({ ns }) => ns)));
    }),
  );
});

test('what a program should say of its entries and does not is an error of the helper', () => {
  expect(textDetail(entry('a', 1, 'w'), 'waker')).toBe('w');
  expect(() => textDetail(entry('a', 1), 'waker')).toThrow(
    expect.objectContaining({ code: 'helper_failed' }),
  );
});
