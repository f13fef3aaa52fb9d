import { readLines } from '../read-text.ts';
import type { RecordFormat } from './record-format.ts';

/** One JSON object per line. */
export const ndjson: RecordFormat = {
  recognizes: (head) => /^\s*\{/.test(head),
  read: async function* (chunks) {
    let line = 0;
    for await (const text of readLines(chunks)) {
      line++;
      if (text.trim() === '') continue;
      try {
        const fields: unknown = JSON.parse(text);
        if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
          yield { line, fields: fields as Record<string, unknown> };
        else yield { line, problem: 'it is JSON, but no object' };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        yield { line, problem: `it is no JSON: ${error.message}` };
      }
    }
  },
};
