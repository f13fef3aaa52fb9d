import { type Category, countColumn, entryColumns } from '../../category/define-category.ts';
import { isDictionary, type TableColumn } from '../table.ts';

/**
 * How the summaries of a category are laid out. There are two per batch, of whole numbers as `VarintWriter` puts them;
 * an id stands as itself plus 1, an absent one as 0. Both begin with 1 where a record of the batch has a value in one of
 * the extras, with 0 where none has, and then the extras are left out: optional dictionary columns but the leader, and
 * the events that records stand for, by their column `count` (`countColumn`), which follow the sums.
 *
 * `by_stack`: for each distinct id of the first stack column, ascending: the difference from the one before, the number
 * of records, the sum of each measure, and the events.
 *
 * `by_all`: records that agree in every dictionary column are one entry, and entries that agree in the leader, the first
 * string column, are one run. For each run, ascending by leader: the difference from the leader before (0 where there is
 * no leader), the size of what follows in bytes, then for each entry, ascending by the first of the other dictionary
 * columns: a head, which is twice the difference from that column's id in the run's entry before (0 where there are no
 * others), and 1 more where the entry stands for more than one record; the ids of the rest; the number of records, where
 * it is not 1; the sum of each measure; the events; and where the records are not 1, how much the greatest value of each
 * measure is below its sum.
 */
export interface SummaryLayout {
  /** Places of columns among the entry columns of the category. */
  readonly leader: number | undefined;
  readonly others: readonly number[];
  /** Those of the others that are there with the extras alone. */
  readonly optionalOthers: readonly number[];
  /** The column of the events that a record stands for. */
  readonly events: number | undefined;
  readonly firstStack: number | undefined;
  readonly measures: readonly number[];
}

/** The columns of a category's summary table. */
export const summaryColumns: readonly TableColumn[] = [
  { name: 'batch_id', kind: 'key' },
  { name: 'by_stack', kind: 'blob' },
  { name: 'by_all', kind: 'blob' },
];

/** Lays out the summaries of a category: durations that no entry may leave out are the measures. */
export function summaryLayout(category: Category): SummaryLayout {
  const columns = entryColumns(category);
  const placesOf = (test: (column: (typeof columns)[number]) => boolean) =>
    columns.flatMap((column, place) => (test(column) ? [place] : []));
  const [leader] = placesOf((column) => column.type === 'string');
  const [firstStack] = placesOf((column) => column.type === 'stack');
  const dictionaries = placesOf(isDictionary).filter((place) => place !== leader);
  // The stack first: runs in its order make for small numbers and few cache misses.
  const others = dictionaries.toSorted(
    (a, b) => Number(b === firstStack) - Number(a === firstStack) || a - b,
  );
  const events = columns.findIndex(({ name }) => name === countColumn(category)?.name);
  return {
    leader,
    others,
    optionalOthers: others.filter((place) => columns[place]!.optional),
    events: events < 0 ? undefined : events,
    firstStack,
    measures: placesOf((column) => column.type === 'elapsed' && !column.optional),
  };
}

/** The table of a category's summaries. */
export function summaryTableName(category: Category): string {
  return `${category.name}_summary`;
}
