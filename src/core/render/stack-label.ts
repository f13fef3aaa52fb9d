import { printable } from '../base/printable.ts';
import { cellsOf } from './text-cells.ts';

/** Prints the names of a stack by the first and as many of the last ones as fit. */
export function stackLabel(frames: readonly string[], cells: number): string {
  const names = frames.map(printable);
  if (names.length === 0) return '(no frames)';
  const whole = names.join(' > ');
  if (cellsOf(whole) <= cells) return whole;
  let label = names.at(-1)!;
  if (cellsOf(`${names[0]} > … > ${label}`) > cells) return `… > ${label}`;
  for (let from = names.length - 2; from > 0; from--) {
    const longer = `${names[from]} > ${label}`;
    if (cellsOf(`${names[0]} > … > ${longer}`) > cells) break;
    label = longer;
  }
  return `${names[0]} > … > ${label}`;
}
