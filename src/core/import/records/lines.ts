import { KernelscopeError } from '../../base/kernelscope-error.ts';
import { readLines } from '../read-text.ts';
import type { BadLine, InputRecord, RecordFormat } from './record-format.ts';

/** Lines of text, such as a script prints: the named groups of a pattern are the fields. */
export const lines: RecordFormat = {
  recognizes: () => false,
  read: async function* (chunks, { pattern }) {
    if (pattern === undefined) {
      throw new KernelscopeError('usage', 'lines of text need a pattern that says what is in them', {
        suggestions: ["write it like --pattern '^(?<process>\\S+) (?<latency>\\d+) us'"],
      });
    }
    let line = 0;
    for await (const text of readLines(chunks)) {
      line++;
      if (text.trim() !== '') yield matchLine(text, pattern, line);
    }
  },
};

/** Takes a line apart by the named groups of a pattern. */
export function matchLine(text: string, pattern: RegExp, line: number): InputRecord | BadLine {
  const match = pattern.exec(text);
  if (match === null) return { line, problem: `the pattern does not match '${text}'` };
  const groups = Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined);
  return { line, fields: Object.fromEntries(groups) };
}

/** Compiles a pattern of lines. Throws `usage` for one that is none, or names nothing. */
export function compilePattern(source: string): RegExp {
  let pattern: RegExp;
  try {
    // (?P<name>...) is what Python and Go write.
    pattern = new RegExp(source.replaceAll('(?P<', '(?<'), 'u');
  } catch (error) {
    throw new KernelscopeError('usage', `the pattern cannot be read: ${(error as Error).message}`);
  }
  if (source.includes('(?<') || source.includes('(?P<')) return pattern;
  throw new KernelscopeError('usage', 'the pattern names no field', {
    suggestions: ["name what it finds: '^(?<process>\\S+) (?<latency>\\d+) us'"],
  });
}
