import { entryColumns, type Value } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import { offcputime } from '../category/index.ts';
import type { Batch } from './batch.ts';

/**
 * Converts what the tracer of 2016 sent as offcputime: its stacks are leaf first and its elapsed is in microseconds,
 * although its documents say otherwise. Other categories stay as they are.
 */
export function convertLegacy(batch: Batch): Batch {
  return {
    ...batch,
    entries: batch.entries.map((entries) => (entries.category.name === offcputime.name ? convertEntries(entries) : entries)),
  };
}

function convertEntries(entries: EntryColumns): EntryColumns {
  const columns = entryColumns(entries.category);
  const values = entries.values.map((column, index) => {
    if (columns[index]!.name === 'stack') return column.map(reverseStack);
    if (columns[index]!.name === 'elapsed') return column.map(microsecondsToNanoseconds);
    return column;
  });
  return { ...entries, values };
}

/** Turns a folded stack around. */
export function reverseStack(stack: Value): Value {
  return typeof stack === 'string' ? stack.split(';').reverse().join(';') : stack;
}

function microsecondsToNanoseconds(elapsed: Value): Value {
  return typeof elapsed === 'number' ? elapsed * 1000 : elapsed;
}
