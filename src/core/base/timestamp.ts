import { KernelscopeError } from './kernelscope-error.ts';

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Reads a timestamp into integer microseconds since 1970 UTC. Accepts `2016-10-24 17:12:43.288693`, ISO 8601 with
 * `T`, `Z` or an offset, minutes without seconds, and a date alone. Without an offset the time is UTC.
 * Digits beyond the sixth decimal are cut off. Throws `bad_value`, also for times outside of the years 1684 to 2255,
 * whose microseconds a double does not count.
 */
export function parseTimestampUs(text: string): number {
  const match = pattern.exec(text.trim());
  if (match === null) throw badTimestamp(text);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = match;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(fields[0], fields[1] - 1, fields[2], fields[3], fields[4], fields[5]);
  const date = new Date(ms);
  const same =
    date.getUTCFullYear() === fields[0] &&
    date.getUTCMonth() === fields[1] - 1 &&
    date.getUTCDate() === fields[2] &&
    date.getUTCHours() === fields[3] &&
    date.getUTCMinutes() === fields[4] &&
    date.getUTCSeconds() === fields[5];
  const offsetMinutes = parseOffsetMinutes(offset);
  if (!same || offsetMinutes === undefined) throw badTimestamp(text);
  const us = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const timeUs = ms * 1000 + us - offsetMinutes * 60_000_000;
  if (!Number.isSafeInteger(timeUs)) throw badTimestamp(text);
  return timeUs;
}

/** Prints microseconds since 1970 UTC as ISO 8601 with six decimals and `Z`. */
export function formatTimestamp(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const us = timeUs - ms * 1000;
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, -1)}${String(us).padStart(3, '0')}Z`;
}

function parseOffsetMinutes(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const digits = offset.slice(1).replace(':', '');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2) || '0');
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function badTimestamp(text: string): KernelscopeError {
  return new KernelscopeError('bad_value', `'${text}' is not a timestamp`, {
    suggestions: ['write it like 2016-10-24 17:12:43.288693 (UTC) or 2016-10-24T17:12:43Z'],
  });
}
