import { KernelscopeError } from '../base/kernelscope-error.ts';
import { printable } from '../base/printable.ts';

/** A piece of a where clause. `text` of a `quoted` token is without its quotes and escapes. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'sign' | 'end';
  readonly text: string;
  /** Index into the source of the token's first character. */
  readonly start: number;
}

const signPattern = /[=!<>~]+|[(),]/y;
const wordPattern = /[^\s()=!<>~,'"]+/y;

/** Splits a where clause into words, quoted strings and signs; the last token is of kind `end`. Throws `bad_query`. */
export function tokenizeWhere(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const character = source[at]!;
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    if (character === "'" || character === '"') {
      const { text, end } = readQuoted(source, at, character);
      tokens.push({ kind: 'quoted', text, start: at });
      at = end;
      continue;
    }
    const isSign = matchAt(signPattern, source, at);
    const text = isSign ?? matchAt(wordPattern, source, at)!;
    tokens.push({ kind: isSign === undefined ? 'word' : 'sign', text, start: at });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '', start: source.length });
  return tokens;
}

/** Adds to an error the clause that it is about, and a caret below the character at `start`. */
export function pointAt(error: KernelscopeError, source: string, start: number): KernelscopeError {
  const before = printable(source.slice(0, start));
  const message = `${error.message}\n${printable(source)}\n${' '.repeat(before.length)}^`;
  return new KernelscopeError(error.code, message, { suggestions: error.suggestions, cause: error });
}

function readQuoted(source: string, start: number, quote: string): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < source.length; at++) {
    const character = source[at]!;
    if (character === quote) return { text, end: at + 1 };
    const next = source[at + 1];
    // Only the quotes and the backslash are escaped, so that '\d+' stays a regular expression.
    if (character === '\\' && (next === '\\' || next === "'" || next === '"')) {
      text += next;
      at++;
    } else text += character;
  }
  throw pointAt(new KernelscopeError('bad_query', `the quote ${quote} is not closed`), source, start);
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
