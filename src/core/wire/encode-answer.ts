import { formatTimestamp, parseTimestampUs } from '../base/timestamp.ts';
import type { AnswerColumn, AnswerRow, AnswerValue } from '../category/answer-column.ts';

/** Makes a line of an answer ready for JSON: timestamps in microseconds become ISO 8601, everything else stays. */
export function encodeAnswer(columns: readonly AnswerColumn[], row: AnswerRow): AnswerRow {
  return convertTimes(columns, row, (value) => (typeof value === 'number' ? formatTimestamp(value) : value));
}

/** Reads a line of an answer from JSON: the opposite of `encodeAnswer`. Throws `bad_value`. */
export function decodeAnswer(columns: readonly AnswerColumn[], row: AnswerRow): AnswerRow {
  return convertTimes(columns, row, (value) => (typeof value === 'string' ? parseTimestampUs(value) : value));
}

function convertTimes(
  columns: readonly AnswerColumn[],
  row: AnswerRow,
  convert: (value: AnswerValue) => AnswerValue,
): AnswerRow {
  const converted = { ...row };
  for (const { name, type } of columns) {
    const value = row[name];
    if (type === 'timestamp' && value !== undefined) converted[name] = convert(value);
  }
  return converted;
}
