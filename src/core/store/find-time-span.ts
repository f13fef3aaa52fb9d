import type { Category } from '../category/define-category.ts';
import type { Condition } from '../query/condition.ts';
import type { RecordSource } from './store.ts';

/** Finds how many microseconds are between the first and the last of the records; undefined where there are none. */
export async function findTimeSpanUs(
  source: Pick<RecordSource, 'select'>,
  category: Category,
  where: Condition,
): Promise<number | undefined> {
  const ends: number[] = [];
  for (const descending of [false, true]) {
    const sort = [{ column: 'time', descending }];
    const query = { kind: 'rows', category, columns: ['time'], where, sort, limit: 1 } as const;
    for await (const rows of source.select(query))
      ends.push(...rows.map((row) => (row as Readonly<Record<string, unknown>>).time as number));
  }
  const [first, last] = ends;
  return first === undefined || last === undefined ? undefined : last - first;
}
