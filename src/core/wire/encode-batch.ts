import { formatTimestamp } from '../base/timestamp.ts';
import { type Category, entryColumns, isText, type Value } from '../category/define-category.ts';
import type { EntryColumns, NumberColumn, TextColumn } from '../category/entry-columns.ts';
import type { Batch } from './batch.ts';
import { answerEncoder } from './encode-answer.ts';

/** Prints a batch as the JSON that `POST /` takes (SPEC 2), its entries as columns. Columns without values are left out. */
export function encodeBatch(batch: Batch): string {
  return JSON.stringify({
    hostname: batch.hostname,
    time: formatTimestamp(batch.timeUs),
    labels: batch.labels,
    lost: batch.lost,
    ...Object.fromEntries(batch.entries.map((entries) => [entries.category.name, encodeColumns(entries)])),
  });
}

function encodeColumns({ category, length, values, timesUs }: EntryColumns): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const [c, column] of entryColumns(category).entries()) {
    const cells = values[c];
    if (cells === undefined) continue;
    if (isText(column)) sent[column.name] = encodeTexts(cells as TextColumn);
    else
      sent[column.name] = (column.type === 'timestamp' ? encodeTimes : encodeNumbers)(cells as NumberColumn);
  }
  if (timesUs !== undefined) sent.time = encodeTimes(timesUs);
  // How many entries there are is to be seen from a column alone.
  if (Object.keys(sent).length === 0) sent.time = new Array<null>(length).fill(null);
  return sent;
}

function encodeTexts({ dictionary, indices }: TextColumn): unknown {
  return { dictionary, indices: Array.from(indices, (index) => (index < 0 ? null : index)) };
}

function encodeNumbers(numbers: NumberColumn): readonly (number | null)[] {
  return Array.from(numbers, (number) => (Number.isNaN(number) ? null : number));
}

function encodeTimes(timesUs: NumberColumn): readonly (string | null)[] {
  return Array.from(timesUs, (timeUs) => (Number.isNaN(timeUs) ? null : formatTimestamp(timeUs)));
}

/** Makes what makes a category's records ready for JSON: timestamps in microseconds become ISO 8601, everything else stays. */
export function rowEncoder(
  category: Category,
): (row: Readonly<Record<string, Value>>) => Record<string, Value> {
  return answerEncoder(category.columns) as ReturnType<typeof rowEncoder>;
}
