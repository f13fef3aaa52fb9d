/** The words of a command line up to the cursor, the last one as far as it is written. */
export interface LineWords {
  readonly words: readonly string[];
  readonly current: string;
  /** Whether the last word stands in quotes that are still open. */
  readonly isQuoted: boolean;
}

/** Splits what stands before the cursor into words as a shell would, quotes and backslashes taken off. */
export function splitLine(line: string, cursor: number): LineWords {
  const text = line.slice(0, cursor);
  const words: string[] = [];
  let current: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"') current += text[++at] ?? '';
      else current += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      current ??= '';
    } else if (character === '\\') current = `${current ?? ''}${text[++at] ?? ''}`;
    else if (/\s/.test(character)) {
      if (current !== undefined) words.push(current);
      current = undefined;
    } else current = `${current ?? ''}${character}`;
  }
  return { words, current: current ?? '', isQuoted: quote !== '' };
}
