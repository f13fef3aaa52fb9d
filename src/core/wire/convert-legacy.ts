import { KernelscopeError } from '../base/kernelscope-error.ts';
import { entryColumns } from '../category/define-category.ts';
import type { EntryColumns, NumberColumn, TextColumn } from '../category/entry-columns.ts';
import { offcputime } from '../category/index.ts';
import type { Batch } from './batch.ts';

/**
 * Converts what the tracer of 2016 sent as offcputime: its stacks are leaf first and its elapsed is in microseconds,
 * although its documents say otherwise. Other categories stay as they are. Throws `bad_batch` for an elapsed whose
 * nanoseconds a double does not count.
 */
export function convertLegacy(batch: Batch): Batch {
  return {
    ...batch,
    entries: batch.entries.map((entries) =>
      entries.category.name === offcputime.name ? convertEntries(entries) : entries,
    ),
  };
}

function convertEntries(entries: EntryColumns): EntryColumns {
  const columns = entryColumns(entries.category);
  const values = entries.values.map((column, index) => {
    if (column === undefined) return undefined;
    const { name } = columns[index]!;
    if (name === 'stack') {
      const { dictionary, indices } = column as TextColumn;
      return { dictionary: dictionary.map(reverseStack), indices };
    }
    return name === 'elapsed' ? (column as NumberColumn).map(toNanoseconds) : column;
  });
  return { ...entries, values };
}

/** Turns a folded stack around. */
function reverseStack(stack: string): string {
  return stack.split(';').reverse().join(';');
}

function toNanoseconds(elapsedUs: number, index: number): number {
  const elapsedNs = elapsedUs * 1000;
  if (Number.isSafeInteger(elapsedNs) || Number.isNaN(elapsedUs)) return elapsedNs;
  throw new KernelscopeError(
    'bad_batch',
    `${offcputime.name}, entry ${index}, column 'elapsed': ${elapsedUs} microseconds are more than can be stored`,
  );
}
