import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { KernelscopeError } from '../base/kernelscope-error.ts';

const decompressors = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  zstd: promisify(zstdDecompress),
} as const;

/** Bytes of a gzip file without content: its head and its tail. */
const GZIP_LEAST_BYTES = 18;
const MIN_PIECE_BYTES = 16 * 1024;
const MAX_PIECE_BYTES = 1024 * 1024;

/**
 * Undoes the Content-Encoding of a body, off this thread, up to `maxBytes` of output. Throws `unsupported_media`,
 * `too_large` or, for bytes that are not what they are said to be, `bad_batch`.
 */
export async function decompressBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const name = nameEncoding(encoding);
  if (name === 'identity') {
    if (body.byteLength > maxBytes) throw tooLarge(maxBytes);
    return body;
  }
  if (!Object.hasOwn(decompressors, name)) {
    throw new KernelscopeError('unsupported_media', `a body in the encoding '${name}' cannot be read`, {
      suggestions: ['encodings are: gzip, zstd, identity'],
    });
  }
  try {
    const decompress = decompressors[name as keyof typeof decompressors];
    // One piece, where it fits: with Node's own of 16 KiB, putting them together costs this thread as much again. One
    // byte is left over: of a piece that is full zlib cannot tell that it is the last.
    const guess = guessDecodedBytes(body, name) + 1;
    const chunkSize = Math.min(Math.max(guess, MIN_PIECE_BYTES), MAX_PIECE_BYTES);
    return await decompress(body, { maxOutputLength: maxBytes, chunkSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new KernelscopeError('bad_batch', `the body is not whole ${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** How large a body may turn out: by what gzip says of it at its end, else by what batches of stacks come to at most. */
export function guessDecodedBytes(body: Uint8Array, encoding: string | undefined): number {
  const name = nameEncoding(encoding);
  if (name === 'identity') return body.byteLength;
  const most = body.byteLength * 16;
  if (name === 'zstd' || body.byteLength < GZIP_LEAST_BYTES) return most;
  // ISIZE (RFC 1952, 2.3.1). Anyone may put anything there: it is a guess as well, until the body is open.
  const said = new DataView(body.buffer, body.byteOffset).getUint32(body.byteLength - 4, true);
  return Math.min(said, most);
}

function nameEncoding(encoding: string | undefined): string {
  return encoding?.trim().toLowerCase() || 'identity';
}

/** Refuses a body that is said to be something other than JSON. Throws `unsupported_media`. */
export function requireJson(contentType: string | undefined): void {
  // The tracers that people have send no type at all.
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === 'application/json' || type.endsWith('+json')) return;
  throw new KernelscopeError('unsupported_media', `the body is said to be ${type}, not JSON`, {
    suggestions: ["send the header 'Content-Type: application/json'"],
  });
}

function tooLarge(maxBytes: number): KernelscopeError {
  return new KernelscopeError('too_large', `the body is larger than ${maxBytes} bytes`, {
    suggestions: ['send fewer entries at a time'],
  });
}
