import { encodeRow } from '../../wire/encode-batch.ts';
import type { RowStream } from './row-format.ts';

/** Prints records as one JSON array of objects: whole numbers as stored, timestamps in ISO 8601. */
export async function* printJson({ category, chunks }: RowStream): AsyncIterable<string> {
  let opening = '[\n';
  for await (const chunk of chunks) {
    for (const row of chunk) {
      yield `${opening}${JSON.stringify(encodeRow(category, row))}`;
      opening = ',\n';
    }
  }
  yield opening === '[\n' ? '[]\n' : '\n]\n';
}

/** Prints records as one JSON object per line. */
export async function* printNdjson({ category, chunks }: RowStream): AsyncIterable<string> {
  for await (const chunk of chunks) {
    yield chunk.map((row) => `${JSON.stringify(encodeRow(category, row))}\n`).join('');
  }
}
