import { printable } from '../../base/printable.ts';
import { formatTimestamp } from '../../base/timestamp.ts';
import { formatDurationNs, nsPerUnit } from '../../base/units.ts';
import type { AnswerColumn, AnswerValue, Histogram } from '../../category/answer-column.ts';
import { formatWeight } from '../format-weight.ts';
import { sparkline } from './bars.ts';

/** Prints a value as people read it: durations in the unit that fits, histograms as a line of blocks; nothing where it is absent. */
export function formatCell(column: Pick<AnswerColumn, 'type' | 'unit'>, value: AnswerValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'object') return formatHistogram(column, value);
  if (column.type === 'timestamp') return formatTimestamp(value).replace('T', ' ');
  if (column.type === 'elapsed') return formatDurationNs(value * nsPerUnit(column.unit ?? 'us'));
  return column.type === 'count' ? formatWeight(value, 'count') : String(value);
}

/** Tells whether values stand at the right of their column. */
export function isNumberColumn({ type }: AnswerColumn): boolean {
  return type === 'int' || type === 'elapsed' || type === 'count';
}

/** Prints a bound of a histogram's bucket. */
export function formatBound({ unit }: Pick<AnswerColumn, 'unit'>, bound: number): string {
  return unit === undefined ? formatWeight(bound, 'count') : formatDurationNs(bound * nsPerUnit(unit));
}

function formatHistogram(column: Pick<AnswerColumn, 'unit'>, buckets: Histogram): string {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return '';
  const counts = allBuckets(buckets).map(({ count }) => count);
  const from = first.from === null ? 'below 0' : formatBound(column, first.from);
  return `${from} ${sparkline(counts)} ${formatBound(column, last.to)}`;
}

/** The buckets from the first to the last that hold anything, with those between that hold nothing. */
export function allBuckets(buckets: Histogram): Histogram {
  return buckets.flatMap((bucket, at) => {
    const next = buckets[at + 1];
    const between = [];
    for (let from = bucket.to; next !== undefined && from < (next.from ?? 0); ) {
      const to = from === 0 ? 1 : from * 2;
      between.push({ from, to, count: 0 });
      from = to;
    }
    return [bucket, ...between];
  });
}
