import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KernelscopeError } from '../core/index.ts';

/** Writes pieces to stdout, no faster than it takes them. */
export async function writeOutput(
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) {
    if (piece.length > 0 && !process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

/** Writes pieces to a file, or to stdout where there is none. Throws `permission_denied`. */
export async function writeFileOrOutput(
  pieces: Iterable<string | Uint8Array>,
  file: string | undefined,
): Promise<void> {
  if (file === undefined) return writeOutput(pieces);
  await pipeline(Readable.from(pieces), createWriteStream(file)).catch((error: Error) => {
    throw new KernelscopeError('permission_denied', `${file} cannot be written: ${error.message}`, {
      cause: error,
    });
  });
}
