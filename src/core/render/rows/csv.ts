import { stringify } from 'csv-stringify/sync';
import type { AnswerColumn, AnswerRow } from '../../category/answer-column.ts';
import type { Value } from '../../category/define-category.ts';
import { answerEncoder } from '../../wire/encode-answer.ts';
import type { RowPrintOptions, RowStream } from './row-format.ts';

/** Prints an answer as CSV (RFC 4180) with a line of names; absent values are empty, histograms are JSON. */
export function printCsv(rows: RowStream, { escapeFormulas }: RowPrintOptions): AsyncIterable<string> {
  const options = {
    record_delimiter: 'windows',
    escape_formulas: escapeFormulas,
    // By itself it quotes only its own line ends, and readers take either character alone for one.
    quoted_match: /[\r\n]/,
  } as const;
  return printLines(rows, (lines) => stringify(lines as Value[][], options));
}

/** Prints an answer as tab-separated values with a line of names; tabs, line ends and backslashes become `\t`, `\n`, `\\`. */
export function printTsv(rows: RowStream): AsyncIterable<string> {
  return printLines(rows, (lines) => lines.map((line) => `${line.map(escapeTsv).join('\t')}\n`).join(''));
}

type Line = readonly Value[];

async function* printLines(
  { columns, chunks }: RowStream,
  print: (lines: readonly Line[]) => string,
): AsyncIterable<string> {
  yield print([columns.map((column) => column.name)]);
  const encode = answerEncoder(columns);
  for await (const chunk of chunks)
    if (chunk.length > 0) yield print(chunk.map((row) => toLine(columns, encode(row))));
}

function toLine(columns: readonly AnswerColumn[], row: AnswerRow): Line {
  return columns.map(({ name }) => {
    const value = row[name] ?? null;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  });
}

/** As PostgreSQL's COPY and most readers of TSV do: https://www.iana.org/assignments/media-types/text/tab-separated-values forbids tabs in fields. */
function escapeTsv(value: Value): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
  return String(value ?? '').replace(/[\\\t\n\r]/g, (character) => escapes[character]!);
}
