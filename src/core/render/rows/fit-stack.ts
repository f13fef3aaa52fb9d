import { wakerSeparator } from '../../base/waker-separator.ts';
import { findWaitPlace } from '../../stack/before-scheduler.ts';
import { cellsOf, truncateCells } from '../text-cells.ts';

/**
 * Cuts a printed folded stack to a width: it loses the scheduler's frames at its end, or with them all of its waker's, and its
 * beginning, frame by frame, and tells its depth where there is room.
 */
export function fitStack(stack: string, width: number): string {
  if (cellsOf(stack) <= width) return stack;
  const frames = stack.split(';');
  const count = findWaitPlace(frames) + 1;
  const leaf = frames[count - 1]!;
  const waker = frames.indexOf(wakerSeparator) >= count ? `;${wakerSeparator}` : '';
  const end = count < frames.length ? `${waker};…` : '';
  const depth = ` [${frames.length}]`;
  const room = width - depth.length;
  const most = `${frames.slice(0, count).join(';')}${end}`;
  if (count > 1 && cellsOf(most) <= room) return most + depth;
  let shown = count > 1 ? `…;${leaf}${end}` : leaf;
  for (let from = count - 2; from > 0 && cellsOf(shown) <= room; from--) {
    const longer = `…;${frames.slice(from, count).join(';')}${end}`;
    if (cellsOf(longer) > room) break;
    shown = longer;
  }
  const fitting = [shown + depth, `${leaf}${depth}`, `…;${leaf}`].find((text) => cellsOf(text) <= width);
  return frames.length > 1 && fitting !== undefined ? fitting : truncateCells(leaf, width);
}
