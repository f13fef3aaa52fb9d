import { parseDurationNs } from '../base/units.ts';
import { readTime } from './read-literal.ts';

const [secondUs, minuteUs, dayUs] = [1e6, 60e6, 86_400e6];

/**
 * Reads a moment as the span of time that it names: a date is that day, a time to the minute that minute, and so on down
 * to a microsecond; `2h` is the hour that two hours ago lies in, `now` this second. Microseconds since 1970 UTC, the end
 * not included. Throws `bad_value`.
 */
export function readSpan(text: string, nowUs: number): { readonly fromUs: number; readonly untilUs: number } {
  const timeUs = readTime(text, nowUs);
  const unit = /^[+-]?[\d.]+\s*([a-z]+)$/i.exec(text.trim())?.[1];
  if (unit !== undefined || text.trim() === 'now') {
    const widthUs = unit === undefined ? secondUs : Math.max(1, parseDurationNs(`1${unit}`) / 1000);
    const fromUs = Math.floor(timeUs / widthUs) * widthUs;
    return { fromUs, untilUs: fromUs + widthUs };
  }
  return { fromUs: timeUs, untilUs: timeUs + precisionUs(text.trim()) };
}

/** What a date and time that was read is exact to. */
function precisionUs(text: string): number {
  const [, minutes, seconds, decimals] =
    /^\d{4}-\d\d-\d\d(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?/.exec(text) ?? [];
  if (decimals !== undefined) return 10 ** Math.max(0, 6 - decimals.length);
  if (seconds !== undefined) return secondUs;
  return minutes === undefined ? dayUs : minuteUs;
}
