import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import type { BadLine, InputRecord, RecordFormat } from './record-format.ts';

/** Longest record: a quote that is never closed would otherwise take in all that follows. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;

/** Comma-separated values as RFC 4180 has them; the first line names the fields. */
export const csv: RecordFormat = separatedBy(',');
/** The same with tabs. */
export const tsv: RecordFormat = separatedBy('\t');

function separatedBy(delimiter: string): RecordFormat {
  return {
    recognizes: (head) => head.split('\n', 1)[0]!.includes(delimiter),
    read: (chunks) => readCsv(chunks, delimiter),
  };
}

async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  delimiter: string,
): AsyncGenerator<InputRecord | BadLine> {
  const skipped: BadLine[] = [];
  const parser = parse({
    delimiter,
    bom: true,
    columns: (names: readonly string[]) => names.map((name) => name.trim()),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD_CHARACTERS,
    on_skip: (error: CsvError | undefined) => {
      if (error !== undefined) skipped.push({ line: Number(error.lines ?? 0), problem: error.message });
      return undefined;
    },
  });
  // What goes wrong on either side ends the iteration with it.
  pipeline(Readable.from(copied(chunks)), parser, () => {});
  for await (const item of parser) {
    yield* skipped.splice(0);
    const { record, info } = item as {
      readonly record: Record<string, string>;
      readonly info: { readonly lines: number };
    };
    yield { line: info.lines, fields: record };
  }
  yield* skipped;
}

/** A stream reads ahead, and whoever reads a file may use the chunk again. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
