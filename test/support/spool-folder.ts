import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSpool, type Spool, type SpoolLimits } from '../../src/core/agent/spool.ts';
import { parseRecordName } from '../../src/core/agent/spool-record.ts';

/** Room for everything. */
export const wideLimits: SpoolLimits = { maxBytes: 1e9, maxAgeMs: 1e9 };

export function openTestSpool(folder: string, limits: Partial<SpoolLimits> = {}): Spool {
  return openSpool(folder, 'logger', { ...wideLimits, ...limits });
}

/** Paths of the records below a folder, by their names, without those set aside. */
export function listRecords(folder: string): readonly string[] {
  return listFiles(folder)
    .filter((path) => parseRecordName(path.slice(path.lastIndexOf('/') + 1)) !== undefined)
    .filter((path) => !path.includes('/set-aside/'));
}

/** Paths of all files below a folder. */
export function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a.slice(a.lastIndexOf('/')) < b.slice(b.lastIndexOf('/')) ? -1 : 1));
}
