import { once } from 'node:events';

/** Writes pieces to stdout, no faster than it takes them. */
export async function writeOutput(
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) {
    if (piece.length > 0 && !process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}
