const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Draws a number as a bar of at most `cells` cells, `most` being the longest; anything above 0 shows. */
export function bar(value: number, most: number, cells: number): string {
  if (!(value > 0) || !(most > 0)) return '';
  const steps = Math.max(1, Math.round((value / most) * cells * 8));
  return '█'.repeat(Math.floor(steps / 8)) + eighths[steps % 8];
}

/** Draws numbers as a line of blocks by their size; what is 0 or less, or absent, is a space. */
export function sparkline(
  values: readonly (number | null)[],
  most = Math.max(...values.map((value) => value ?? 0), 0),
): string {
  return values
    .map((value) =>
      value === null || !(value > 0) ? ' ' : levels[Math.max(0, Math.ceil((value / most) * 8) - 1)]!,
    )
    .join('');
}
