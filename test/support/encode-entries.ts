import { formatTimestamp } from '../../src/core/base/timestamp.ts';
import { entryColumns, type Value } from '../../src/core/category/define-category.ts';
import { type EntryColumns, valueAt } from '../../src/core/category/entry-columns.ts';
import type { Batch } from '../../src/core/wire/batch.ts';

/** Prints a batch as scripts send it: an array of entries for each category, absent values left out. */
export function encodeEntries({ hostname, timeUs, labels, lost, entries }: Batch): string {
  return JSON.stringify({
    hostname,
    time: formatTimestamp(timeUs),
    labels,
    lost,
    ...Object.fromEntries(entries.map((some) => [some.category.name, listEntries(some)])),
  });
}

function listEntries({ category, length, values, timesUs }: EntryColumns): readonly unknown[] {
  const columns = entryColumns(category);
  return Array.from({ length }, (_, index) => {
    const entry: Record<string, Value> = {};
    for (const [c, column] of columns.entries()) {
      const value = valueAt(values[c], index);
      if (value !== null)
        entry[column.name] = column.type === 'timestamp' ? formatTimestamp(value as number) : value;
    }
    const timeUs = valueAt(timesUs, index);
    if (timeUs !== null) entry.time = formatTimestamp(timeUs as number);
    return entry;
  });
}
