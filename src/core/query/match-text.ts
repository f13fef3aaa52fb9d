import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { Comparison } from './condition.ts';

/**
 * Makes the test that a comparison puts to text, in plain code: for dictionaries that are searched outside of a
 * database, and for regular expressions everywhere, so that they mean the same on every backend. Absent text
 * satisfies `is null` alone. Regular expressions are RE2's: their time is linear in the text. Throws `bad_value`.
 */
export async function matchText(comparison: Comparison): Promise<(text: string | null) => boolean> {
  const { operator, value } = comparison;
  if (operator === 'is null') return (text) => text === null;
  if (operator === 'is not null') return (text) => text !== null;
  if (operator === 'in' || operator === 'not in') {
    const wanted = new Set(value as readonly string[]);
    return (text) => text !== null && wanted.has(text) === (operator === 'in');
  }
  const operand = value as string;
  if (operator === '~' || operator === '!~') {
    const pattern = await compilePattern(operand);
    return (text) => text !== null && pattern(text) === (operator === '~');
  }
  const holds: Record<string, (text: string) => boolean> = {
    '=': (text) => text === operand,
    '!=': (text) => text !== operand,
    '<': (text) => compareText(text, operand) < 0,
    '<=': (text) => compareText(text, operand) <= 0,
    '>': (text) => compareText(text, operand) > 0,
    '>=': (text) => compareText(text, operand) >= 0,
    contains: (text) => text.includes(operand),
    'not contains': (text) => !text.includes(operand),
  };
  const test = holds[operator];
  if (test === undefined) throw new Error(`no text comparison ${operator}`);
  return (text) => text !== null && test(text);
}

/** Makes the test of a regular expression of RE2, which need not match the whole text. Throws `bad_value`. */
export async function compilePattern(source: string): Promise<(text: string) => boolean> {
  const { RE2JS, RE2JSSyntaxException } = await import('re2js');
  try {
    const pattern = RE2JS.compile(source);
    return (text) => pattern.matcher(text).find();
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    throw new KernelscopeError('bad_value', `'${source}' is not a regular expression: ${error.message}`, {
      suggestions: ['the syntax is that of RE2: no look-around, no back-references'],
    });
  }
}

/** Compares text by Unicode code points, which is the order of its UTF-8 bytes and of both databases. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // A surrogate stands for a code point above all of the basic plane.
    const leftIsHigh = left >= 0xd800 && left <= 0xdfff;
    const rightIsHigh = right >= 0xd800 && right <= 0xdfff;
    return leftIsHigh === rightIsHigh ? left - right : leftIsHigh ? 1 : -1;
  }
  return a.length - b.length;
}
