import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { type StackFormatName, stackFormats } from './index.ts';
import type { StackInput } from './stack-format.ts';

/** How much of an input is looked at to tell its format. */
const HEAD_BYTES = 1 << 14;

/**
 * Reads stacks in any of the input formats, gzipped or not; without a name the format is told from the first bytes.
 * Throws `bad_input`.
 */
export async function readStacks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  formatName?: StackFormatName,
): Promise<StackInput & { readonly format: StackFormatName }> {
  const [start, raw] = await takeHead(chunks);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const [head, all] = isGzip ? await takeHead(gunzip(raw)) : ([start, raw] as const);
  const format = formatName ?? recognize(head);
  return { ...(await stackFormats[format].read(all)), format };
}

function recognize(head: Uint8Array): StackFormatName {
  const names = Object.keys(stackFormats) as StackFormatName[];
  return names.find((name) => stackFormats[name].recognizes(head)) ?? 'folded';
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
): Promise<readonly [Uint8Array, AsyncIterable<Uint8Array>]> {
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
