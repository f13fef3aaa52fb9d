import { printable } from '../core/index.ts';

/** What machines read holds what hosts wrote, byte for byte; on a terminal none of it may be a command to it. */
export async function* shownSafely(pieces: AsyncIterable<string>): AsyncIterable<string> {
  for await (const piece of pieces) yield piece.replace(/[^\r\n\t]+|\r(?!\n)/g, printable);
}
