import { printable } from '../base/printable.ts';
import { wakerSeparator } from '../base/waker-separator.ts';
import { countWakeUp, findWaitPlace } from '../stack/before-scheduler.ts';
import { cellsOf } from './text-cells.ts';

/**
 * Prints as many names of a stack as fit: the first and the last ones. Where not all do, those of the scheduler at the end are
 * the first to go. With a waker's stack behind it, it is those where the two meet that stay.
 */
export function stackLabel(frames: readonly string[], cells: number): string {
  const names = frames.map(printable);
  if (names.length === 0) return '(no frames)';
  const whole = names.join(' > ');
  if (cellsOf(whole) <= cells) return whole;
  const separator = frames.indexOf(wakerSeparator);
  const count = findWaitPlace(frames) + 1;
  if (separator > 0) {
    const woken = separator + 1 + countWakeUp(frames.slice(separator + 1));
    return meetingLabel(names.slice(0, count), names.slice(woken), cells);
  }
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

/** Prints the end of a blocked thread's stack and the beginning of its waker's, of each in turn one frame more. */
function meetingLabel(blocked: readonly string[], waker: readonly string[], cells: number): string {
  const print = (left: number, right: number) =>
    [
      ...(left < blocked.length ? ['…'] : []),
      ...blocked.slice(blocked.length - left),
      `… ${wakerSeparator} …`,
      ...waker.slice(0, right),
      ...(right < waker.length ? ['…'] : []),
    ].join(' > ');
  let [left, right] = [1, Math.min(1, waker.length)];
  for (let grown = true; grown; ) {
    grown = false;
    if (left < blocked.length && cellsOf(print(left + 1, right)) <= cells) {
      left++;
      grown = true;
    }
    if (right < waker.length && cellsOf(print(left, right + 1)) <= cells) {
      right++;
      grown = true;
    }
  }
  return print(left, right);
}
