import { bpftrace } from './bpftrace.ts';
import { csv, tsv } from './csv.ts';
import { foldedLines } from './folded-lines.ts';
import { lines } from './lines.ts';
import { ndjson } from './ndjson.ts';
import type { RecordFormat } from './record-format.ts';

/** The input formats of records by the name that `log --input` takes, in the order in which they are tried. */
export const recordFormats = {
  bpftrace,
  ndjson,
  tsv,
  folded: foldedLines,
  csv,
  lines,
} as const satisfies Record<string, RecordFormat>;

export type RecordFormatName = keyof typeof recordFormats;
