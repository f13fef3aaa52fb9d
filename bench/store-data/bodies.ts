import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeBatch } from '../../src/core/wire/encode-batch.ts';
import { encodeEntries } from '../../test/support/encode-entries.ts';
import { keptFile } from './build-folder.ts';
import { type FleetParameters, fleetBatches } from './fleet.ts';

/** The two forms of a batch: columns, as agents send it, and arrays of entries, as scripts do. */
export const bodyForms = { columns: encodeBatch, entries: encodeEntries } as const;
export type BodyForm = keyof typeof bodyForms;

/** Gives the path of a file of the fleet's posts as they go over the wire: JSON by gzip, each behind its size. */
export function builtBodies(parameters: FleetParameters, form: BodyForm = 'columns'): Promise<string> {
  return keptFile({ name: `bodies-${form}`, parameters, madeBy: 'gzip' }, (path) => {
    const file = openSync(path, 'w');
    const size = Buffer.alloc(4);
    for (const batch of fleetBatches(parameters)) {
      const body = gzipSync(bodyForms[form](batch));
      size.writeUInt32LE(body.length);
      writeSync(file, size);
      writeSync(file, body);
    }
    closeSync(file);
  });
}

/** Reads the bodies one after the other. */
export function* readBodies(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  const size = Buffer.alloc(4);
  try {
    while (readSync(file, size) === 4) {
      const body = Buffer.alloc(size.readUInt32LE());
      readSync(file, body);
      yield body;
    }
  } finally {
    closeSync(file);
  }
}
