/** To a screen of its own, without a cursor, with the mouse reported as xterm's modes 1000 and 1006 do. */
export const enterScreen = '\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1006h';

/** Back to how the terminal was, whatever was entered of it. */
export const leaveScreen = '\x1b[?1006l\x1b[?1000l\x1b[?25h\x1b[?1049l';

/** Writes lines over the whole screen, each after the rest of what was in its place is gone, so that nothing flickers. */
export function paintScreen(lines: readonly string[]): string {
  // Cleared before it is written: after a full line the cursor still stands on its last cell.
  return lines.map((line, row) => `\x1b[${row + 1};1H\x1b[K${line}`).join('');
}
