import { readLines } from '../read-text.ts';
import type { RecordFormat } from './record-format.ts';

const counted = /^(.*\S)\s+(\d+\.?\d*|\.\d+)$/;

/** Folded stacks with a count each: fields `stack` and `count`, which is also called `value`. A line without a count counts 1. */
export const foldedLines: RecordFormat = {
  recognizes: (head) => /^[^,\t\n]*;.*\s\d+(\.\d+)?\s*$/m.test(head),
  read: async function* (chunks) {
    let line = 0;
    for await (const text of readLines(chunks)) {
      line++;
      const trimmed = text.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const [, stack = trimmed, count = '1'] = counted.exec(trimmed) ?? [];
      if (/^\d+(\.\d+)?$/.test(stack)) yield { line, problem: 'it is a number without a stack' };
      else yield { line, fields: { stack, count: Number(count), value: Number(count) } };
    }
  },
};
