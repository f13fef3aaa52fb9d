import stringWidth from 'string-width';

const plainAscii = /^[\x20-\x7e]*$/;
// Made when it is first needed, which takes 12 ms: most text is plain ASCII.
let graphemes: Intl.Segmenter | undefined;

/** Counts the terminal cells that a text takes; those of other scripts and emoji take two. */
export function cellsOf(text: string): number {
  return plainAscii.test(text) ? text.length : stringWidth(text);
}

/** Cuts a text to at most `cells` cells, an ellipsis at its end where something is lost. */
export function truncateCells(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  if (cells <= 0) return '';
  if (plainAscii.test(text)) return `${text.slice(0, cells - 1)}…`;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    const width = cellsOf(segment);
    if (used + width > cells) break;
    kept += segment;
    used += width;
  }
  return `${kept}…`;
}

/** Cuts or pads a text to exactly `cells` cells. */
export function fitCells(text: string, cells: number): string {
  const cut = truncateCells(text, cells);
  return cut + ' '.repeat(Math.max(0, cells - cellsOf(cut)));
}
