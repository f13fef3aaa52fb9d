import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KernelscopeError } from '../base/kernelscope-error.ts';

/** How much of an input is looked at to tell its format. */
const HEAD_BYTES = 1 << 14;

/**
 * Looks at the beginning of an input, gzipped or not: gives up to some thousands of its bytes, fewer where they are
 * enough, and all of it, them included. Throws `bad_input` for gzip that is not whole, as late as it is found.
 */
export async function openInput(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isEnough: (head: Buffer) => boolean = () => false,
): Promise<readonly [head: Buffer, all: AsyncIterable<Uint8Array>]> {
  const [start, raw] = await takeHead(chunks, (head) => head.length >= 2 && !isGzip(head) && isEnough(head));
  return isGzip(start) ? takeHead(gunzip(raw), isEnough) : [start, raw];
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflated = createGunzip();
  // What goes wrong on either side ends the iteration with it.
  pipeline(Readable.from(copied(chunks)), inflated, () => {});
  try {
    yield* inflated as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('Z_')) throw error;
    throw new KernelscopeError('bad_input', `the input is not whole gzip: ${error.message}`, {
      cause: error,
    });
  }
}

/** A stream reads ahead, and whoever reads a file may use the chunk again. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** Reads as much as is looked at, and answers it with the whole input, it included. */
async function takeHead(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isEnough: (head: Buffer) => boolean,
): Promise<readonly [Buffer, AsyncIterable<Uint8Array>]> {
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  const taken: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  while (size < HEAD_BYTES && !ended) {
    const { done, value } = await iterator.next();
    ended = done === true;
    if (ended) break;
    // A copy: whoever reads a file may use the chunk again.
    taken.push(Buffer.from(value));
    size += value.length;
    if (isEnough(Buffer.concat(taken))) break;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    try {
      yield* taken;
      while (!ended) {
        const { done, value } = await iterator.next();
        ended = done === true;
        if (!ended) yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [Buffer.concat(taken).subarray(0, HEAD_BYTES), whole()];
}
