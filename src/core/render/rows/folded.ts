import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { printable } from '../../base/printable.ts';
import type { AnswerColumn } from '../../category/answer-column.ts';
import { startOfLine } from '../../stack/print-folded.ts';
import type { RowStream } from './row-format.ts';

/**
 * Prints an answer as folded stacks, a line for each: the first stack column, before it as frames of their own the texts
 * that stand before it, and behind it the weight: the first duration of records, the first number worked out of groups,
 * or 1. Lines without a stack are left out. Throws `bad_query` where there is no stack column.
 */
export async function* printFolded({ columns, keyCount, chunks }: RowStream): AsyncIterable<string> {
  const stackAt = columns.findIndex(({ type }) => type === 'stack');
  if (stackAt < 0) {
    throw new KernelscopeError('bad_query', 'folded stacks need a stack column, and there is none', {
      suggestions: ['select one, or group by one: --group-by stack'],
    });
  }
  const stack = columns[stackAt]!.name;
  const frames = columns.slice(0, stackAt).filter(({ type }) => type === 'string');
  const weight = chooseWeight(columns, keyCount)?.name;
  for await (const chunk of chunks) {
    let text = '';
    for (const row of chunk) {
      const value = row[stack];
      if (typeof value !== 'string') continue;
      const names = frames.map(({ name }) => printable(String(row[name] ?? '-')).replaceAll(';', ':'));
      const line = startOfLine([...names, printable(value)].join(';'));
      text += `${line} ${weight === undefined ? 1 : (row[weight] ?? 0)}\n`;
    }
    yield text;
  }
}

function chooseWeight(
  columns: readonly AnswerColumn[],
  keyCount: number | undefined,
): AnswerColumn | undefined {
  if (keyCount === undefined) return columns.find(({ type }) => type === 'elapsed');
  return columns.slice(keyCount).find(({ type }) => ['count', 'elapsed', 'int'].includes(type));
}
