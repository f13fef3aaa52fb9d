import { formatTimestamp, parseTimestampUs } from '../base/timestamp.ts';
import type { AnswerColumn, AnswerRow, AnswerValue } from '../category/answer-column.ts';

/**
 * Makes what makes lines of an answer ready for JSON: timestamps in microseconds become ISO 8601, everything else stays.
 */
export function answerEncoder(columns: readonly AnswerColumn[]): (row: AnswerRow) => AnswerRow {
  return timeConverter(columns, (value) => (typeof value === 'number' ? formatTimestamp(value) : value));
}

/** Makes what reads lines of an answer from JSON: the opposite of `answerEncoder`. That throws `bad_value`. */
export function answerDecoder(columns: readonly AnswerColumn[]): (row: AnswerRow) => AnswerRow {
  return timeConverter(columns, (value) => (typeof value === 'string' ? parseTimestampUs(value) : value));
}

function timeConverter(
  columns: readonly AnswerColumn[],
  convert: (value: AnswerValue) => AnswerValue,
): (row: AnswerRow) => AnswerRow {
  const times = columns
    .filter(({ type }) => type === 'timestamp')
    .map(({ name }) => ({ name, last: null as AnswerValue, converted: null as AnswerValue }));
  return (row) => {
    const converted = { ...row };
    for (const time of times) {
      const value = row[time.name];
      if (value === undefined) continue;
      // The records of a batch come one after the other, and most have its time.
      if (value !== time.last) {
        time.converted = convert(value);
        time.last = value;
      }
      converted[time.name] = time.converted;
    }
    return converted;
  };
}
