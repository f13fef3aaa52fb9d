import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Category } from '../category/define-category.ts';
import type { Batch } from '../wire/batch.ts';
import { decodeBatch } from '../wire/decode-batch.ts';
import { encodeBatch } from '../wire/encode-batch.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Batches that are held in memory; those behind them wait in a file without a name. */
const MAX_IN_MEMORY = 4;

/**
 * Holds all batches back until the last one was read: what throws on the way throws before the first is handed out.
 * Takes the memory of a few batches, whatever there is of them.
 */
export async function* holdBatches(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const first: Batch[] = [];
  const categories = new Map<string, Category>();
  const sizes: number[] = [];
  let file: FileHandle | undefined;
  try {
    for await (const batch of batches) {
      for (const { category } of batch.entries) categories.set(category.name, category);
      if (first.length < MAX_IN_MEMORY) {
        first.push(batch);
        continue;
      }
      file ??= await openNameless();
      const body = await compress(encodeBatch(batch));
      await file.appendFile(body);
      sizes.push(body.length);
    }
    yield* first.splice(0);
    let at = 0;
    for (const size of sizes) {
      const { buffer } = await file!.read({ buffer: Buffer.alloc(size), length: size, position: at });
      at += size;
      yield decodeBatch(await decompress(buffer), categories);
    }
  } finally {
    await file?.close();
  }
}

/** Opens a file that has no name any more, and is gone with the process that holds it. */
async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'kernelscope-log-'));
  try {
    return await open(join(folder, 'batches'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
