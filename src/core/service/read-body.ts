import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { KernelscopeError } from '../base/kernelscope-error.ts';

const decompressors = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  zstd: promisify(zstdDecompress),
} as const;

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
    // One piece, where it fits: with Node's own of 16 KiB, putting them together costs this thread as much again.
    const chunkSize = Math.min(Math.max(guessDecodedBytes(body, name), MIN_PIECE_BYTES), MAX_PIECE_BYTES);
    return await decompress(body, { maxOutputLength: maxBytes, chunkSize });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new KernelscopeError('bad_batch', `the body is not whole ${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** How large a body may turn out, by what batches of stacks come to at most. */
export function guessDecodedBytes(body: Uint8Array, encoding: string | undefined): number {
  return nameEncoding(encoding) === 'identity' ? body.byteLength : body.byteLength * 16;
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
