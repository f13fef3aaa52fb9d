import { KernelscopeError } from '../base/kernelscope-error.ts';
import { entryColumns, type Value } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
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
    if (columns[index]!.name === 'stack') return column?.map(reverseStack);
    if (columns[index]!.name === 'elapsed') return column?.map(toNanoseconds);
    return column;
  });
  return { ...entries, values };
}

/** Turns a folded stack around. */
function reverseStack(stack: Value): Value {
  return typeof stack === 'string' ? stack.split(';').reverse().join(';') : stack;
}

function toNanoseconds(elapsedUs: Value, index: number): Value {
  if (typeof elapsedUs !== 'number') return elapsedUs;
  const elapsedNs = elapsedUs * 1000;
  if (Number.isSafeInteger(elapsedNs)) return elapsedNs;
  throw new KernelscopeError(
    'bad_batch',
    `${offcputime.name}, entry ${index}, column 'elapsed': ${elapsedUs} microseconds are more than can be stored`,
  );
}
