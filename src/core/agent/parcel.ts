import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { builtInCategories } from '../category/index.ts';
import type { Batch } from '../wire/batch.ts';
import { decodeBatch } from '../wire/decode-batch.ts';
import { encodeBatch } from '../wire/encode-batch.ts';

/** A batch on its way, in memory or on disk, with the key that it is sent under however often. */
export interface Parcel {
  readonly key: string;
  readonly entries: number;
  /** Events that the batch itself says were lost. */
  readonly lost: number;
  /** Gives the batch as a logger takes it: the JSON of `POST /` (SPEC 2), in gzip. */
  readonly body: () => Promise<Uint8Array>;
  readonly batch: () => Promise<Batch>;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Makes a parcel of a batch in memory. */
export function packBatch(batch: Batch, key: string): Parcel {
  let body: Promise<Uint8Array> | undefined;
  return {
    key,
    entries: countEntries(batch),
    lost: batch.lost,
    body: () => {
      body ??= compress(encodeBatch(batch));
      return body;
    },
    batch: async () => batch,
  };
}

/** Reads a parcel's body. Throws as `decodeBatch`. */
export async function unpackBody(body: Uint8Array): Promise<Batch> {
  const categories = new Map(builtInCategories.map((category) => [category.name, category]));
  return decodeBatch(await decompress(body), categories);
}

/** Counts the entries of a batch over its categories. */
export function countEntries({ entries }: Batch): number {
  return entries.reduce((sum, { length }) => sum + length, 0);
}
