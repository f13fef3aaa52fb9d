import { valueAt } from '../../../../src/core/category/entry-columns.ts';
import { readDeclaration } from '../../../../src/core/category/read-declaration.ts';
import { type RecordFormatName, recordFormats } from '../../../../src/core/import/records/index.ts';
import { compilePattern } from '../../../../src/core/import/records/lines.ts';
import { readOrigins } from '../../../../src/core/import/records/map-fields.ts';
import {
  newProgress,
  type ReadProgress,
  readBatches,
} from '../../../../src/core/import/records/read-batches.ts';
import type { RecordItem } from '../../../../src/core/import/records/record-format.ts';
import type { Batch } from '../../../../src/core/wire/batch.ts';

/** Text as it may arrive: in pieces of a few bytes that part characters, lines and all. */
export async function* inPieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads all records of a text. */
export async function recordsOf(
  format: RecordFormatName,
  text: string,
  options: { readonly pattern?: string; readonly map?: string } = {},
): Promise<readonly RecordItem[]> {
  const { pattern, map } = options;
  const items: RecordItem[] = [];
  const read = recordFormats[format].read(inPieces(text), {
    ...(pattern !== undefined && { pattern: compilePattern(pattern) }),
    ...(map !== undefined && { map }),
  });
  for await (const item of read) items.push(item);
  return items;
}

/** What `loggedRows` is told. */
export interface LogOptions {
  readonly maps?: readonly string[];
  readonly values?: readonly string[];
  readonly skipsBad?: boolean;
  readonly unit?: 'ns' | 'us' | 'ms' | 's';
  readonly epoch?: 'ns' | 'us' | 'ms' | 's';
  readonly pattern?: string;
  readonly map?: string;
}

export const nowUs = 1_477_329_163_288_693;

/** Reads a text into batches of a category that is declared by its columns, as `log` does. */
export async function batchesOf(
  format: RecordFormatName,
  columns: readonly string[],
  text: string,
  options: LogOptions = {},
): Promise<{ readonly batches: readonly Batch[]; readonly progress: ReadProgress }> {
  const { maps = [], values = [], skipsBad = false, pattern, map, unit, epoch } = options;
  const category = readDeclaration({ name: 'mine', columns });
  const progress = newProgress();
  const batches: Batch[] = [];
  const all = readBatches(
    inPieces(text, 65_536),
    {
      category,
      format: recordFormats[format],
      origins: readOrigins(category, { maps, values }),
      hostname: 'here',
      labels: { run: 'a' },
      nowUs: () => nowUs,
      skipsBad,
      ...(pattern !== undefined && { pattern: compilePattern(pattern) }),
      ...(map !== undefined && { map }),
      ...(unit !== undefined && { unit }),
      ...(epoch !== undefined && { epoch }),
    },
    progress,
  );
  for await (const batch of all) batches.push(batch);
  return { batches, progress };
}

/** The rows of batches, each as an array of its entry columns. */
export function rowsOf(batches: readonly Batch[]): readonly (readonly unknown[])[] {
  return batches.flatMap(({ entries }) =>
    entries.flatMap(({ length, values }) =>
      Array.from({ length }, (_, index) => values.map((column) => valueAt(column, index))),
    ),
  );
}
