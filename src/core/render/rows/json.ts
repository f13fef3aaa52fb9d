import { answerEncoder } from '../../wire/encode-answer.ts';
import type { RowStream } from './row-format.ts';

/** Prints an answer as one JSON array of objects: whole numbers as stored, timestamps in ISO 8601. */
export async function* printJson({ columns, chunks }: RowStream): AsyncIterable<string> {
  const encode = answerEncoder(columns);
  let opening = '[\n';
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    yield `${opening}${chunk.map((row) => JSON.stringify(encode(row))).join(',\n')}`;
    opening = ',\n';
  }
  yield opening === '[\n' ? '[]\n' : '\n]\n';
}

/** Prints an answer as one JSON object per line. */
export async function* printNdjson({ columns, chunks }: RowStream): AsyncIterable<string> {
  const encode = answerEncoder(columns);
  for await (const chunk of chunks) yield chunk.map((row) => `${JSON.stringify(encode(row))}\n`).join('');
}
