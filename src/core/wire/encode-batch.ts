import { formatTimestamp } from '../base/timestamp.ts';
import { type Category, entryColumns, type Value } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import type { Batch } from './batch.ts';
import { encodeAnswer } from './encode-answer.ts';

/** Prints a batch as the JSON that `POST /` takes (SPEC 2). Absent values are left out. */
export function encodeBatch(batch: Batch): string {
  const head = JSON.stringify({
    hostname: batch.hostname,
    time: formatTimestamp(batch.timeUs),
    labels: batch.labels,
    lost: batch.lost,
  });
  const categories = batch.entries.map(
    (entries) => `${JSON.stringify(entries.category.name)}:${encodeEntries(entries)}`,
  );
  return `${[head.slice(0, -1), ...categories].join(',')}}`;
}

function encodeEntries(entries: EntryColumns): string {
  const columns = entryColumns(entries.category);
  const parts: string[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry: Record<string, Value> = {};
    columns.forEach((column, c) => {
      const value = entries.values[c]?.[index] ?? null;
      if (value !== null)
        entry[column.name] = column.type === 'timestamp' ? formatTimestamp(value as number) : value;
    });
    const timeUs = entries.timesUs?.[index] ?? null;
    if (timeUs !== null) entry.time = formatTimestamp(timeUs);
    parts.push(JSON.stringify(entry));
  }
  return `[${parts.join(',')}]`;
}

/** Makes a record ready for JSON: timestamps in microseconds become ISO 8601, everything else stays. */
export function encodeRow(category: Category, row: Readonly<Record<string, Value>>): Record<string, Value> {
  return encodeAnswer(category.columns, row) as Record<string, Value>;
}
