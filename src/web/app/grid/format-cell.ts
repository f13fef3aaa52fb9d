import { printable } from '../../../core/base/printable.ts';
import type { Column, Value } from '../../../core/category/define-category.ts';
import { formatWeight } from '../../../core/render/format-weight.ts';

/** Prints a value of a record as its column's type says; a dash where there is none. */
export function formatCell(column: Column, value: Value | undefined): string {
  if (value === null || value === undefined) return '–';
  if (column.type === 'elapsed' && typeof value === 'number') return formatWeight(value, column.unit ?? 'us');
  // To the millisecond; the record itself shows the rest.
  if (column.type === 'timestamp' && typeof value === 'string') return value.slice(0, 23).replace('T', ' ');
  return printable(String(value));
}

/** Prints a value in full, as it would be written in a condition. */
export function formatFully(column: Column, value: Value | undefined): string {
  if (value === null || value === undefined) return '–';
  if (column.type !== 'elapsed') return printable(String(value));
  const short = formatCell(column, value);
  const exact = `${value} ${column.unit ?? 'us'}`;
  return short === exact ? short : `${short} (${exact})`;
}

/** Says a column's name as a heading: in which zone times are, too. */
export function headingOf(column: Column): string {
  const name = printable(column.prettyName === '' ? column.name : column.prettyName);
  return column.type === 'timestamp' ? `${name} (UTC)` : name;
}
