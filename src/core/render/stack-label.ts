import { printable } from '../base/printable.ts';
import { countBeforeScheduler } from '../stack/before-scheduler.ts';
import { cellsOf } from './text-cells.ts';

/**
 * Prints the names of a stack by the first and as many of the last ones as fit. Where not all do, those of the scheduler at
 * the end are the first to go.
 */
export function stackLabel(frames: readonly string[], cells: number): string {
  const names = frames.map(printable);
  if (names.length === 0) return '(no frames)';
  const whole = names.join(' > ');
  if (cellsOf(whole) <= cells) return whole;
  const count = countBeforeScheduler(frames);
  const end = count < names.length ? ' > …' : '';
  const most = `${names.slice(0, count).join(' > ')}${end}`;
  if (cellsOf(most) <= cells) return most;
  let label = names[count - 1]! + end;
  if (cellsOf(`${names[0]} > … > ${label}`) > cells) return count > 1 ? `… > ${label}` : label;
  for (let from = count - 2; from > 0; from--) {
    const longer = `${names[from]} > ${label}`;
    if (cellsOf(`${names[0]} > … > ${longer}`) > cells) break;
    label = longer;
  }
  return `${names[0]} > … > ${label}`;
}
