import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryColumns } from '../../../src/core/category/define-category.ts';
import { EntryCursor } from '../../../src/core/store/summary/entry-cursor.ts';
import { makeIdColumn } from '../../../src/core/store/summary/id-column.ts';
import { packSummary } from '../../../src/core/store/summary/pack-summary.ts';
import { summaryLayout } from '../../../src/core/store/summary/summary-layout.ts';
import { isDictionary } from '../../../src/core/store/table.ts';
import { anyEntries } from '../../support/arbitrary-batches.ts';
import { plainValues } from '../../support/plain-values.ts';
import { sampleCategories } from '../../support/sample-categories.ts';

test('a summary holds each combination of ids once, with what its records come to', () => {
  const anySample = fc
    .constantFrom(...sampleCategories.values())
    .chain((category) => anyEntries(category, 20));
  fc.assert(
    fc.property(
      anySample,
      fc.constantFrom(0, 2 ** 31, 2 ** 52 - 1000, 2 ** 52 - 3),
      ({ category, ...entries }, firstId) => {
        const columns = entryColumns(category);
        const texts = new Map<unknown, number>();
        const idOf = (text: unknown) => {
          if (!texts.has(text)) texts.set(text, firstId + texts.size);
          return texts.get(text)!;
        };
        const plain = plainValues({ category, ...entries });
        const written = columns.map((column, c) =>
          isDictionary(column) ? plain[c]?.map((text) => (text === null ? null : idOf(text))) : undefined,
        );
        const ids = written.map((column) => column && makeIdColumn(column));
        const summary = packSummary({ category, ...entries }, ids);
        const { measures, events } = summaryLayout(category);
        const expected = new Map<string, { records: number; sums: number[]; greatest: number[] }>();
        for (let index = 0; index < entries.length; index++) {
          const key = columns.map((_, c) => written[c]?.[index] ?? -1).join();
          const group = expected.get(key) ?? {
            records: 0,
            sums: [...measures.map(() => 0), 0],
            greatest: measures.map(() => 0),
          };
          expected.set(key, group);
          group.records++;
          for (const [m, place] of measures.entries()) {
            const value = plain[place]![index] as number;
            group.sums[m]! += value;
            group.greatest[m] = Math.max(group.greatest[m]!, value);
          }
          group.sums[measures.length]! +=
            events === undefined ? 1 : ((plain[events]?.[index] as number | null | undefined) ?? 1);
        }
        if (summary === undefined) {
          const numbers = [...expected.values()].flatMap(({ sums }) => sums);
          const counts = events === undefined ? [] : (plain[events] ?? []);
          const isTooLarge = numbers.reduce((sum, number) => sum + number, 0) > Number.MAX_SAFE_INTEGER;
          const isIdTooLarge = ids.some((column) => column?.ids.some((id) => id > 2 ** 52 - 2));
          expect(isTooLarge || isIdTooLarge || counts.some((count) => Number(count) < 0)).toBe(true);
          return;
        }
        const cursor = new EntryCursor(category);
        const found = new Map<string, { records: number; sums: number[]; greatest: number[] }>();
        cursor.open(summary.byAll);
        while (cursor.next()) {
          const key = cursor.ids.join();
          expect(found.has(key)).toBe(false);
          found.set(key, {
            records: cursor.records,
            sums: [...cursor.sums],
            greatest: [...cursor.greatest],
          });
        }
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
