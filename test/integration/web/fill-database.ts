import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { makeEntries } from '../../../src/core/category/entry-columns.ts';
import { type Batch, entryColumns, offcputime, openStore, type Value } from '../../../src/core/index.ts';

/** When the first of the recorded batches was measured. */
export const FIRST_TIME_US = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;

const recording = new URL('../../fixtures/recordings/offcpu-real.tsv.gz', import.meta.url);
const ROWS_PER_BATCH = 2000;

/** A record of the recording: process, pid, stack, nanoseconds. */
export type RecordedRow = readonly [string, number, string, number];

/** Reads the recording of real stacks. */
export function readRecording(): readonly RecordedRow[] {
  const lines = gunzipSync(readFileSync(recording)).toString('utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [process, pid, stack, elapsed] = line.split('\t') as [string, string, string, string];
      return [process, Number(pid), stack, Number(elapsed)];
    });
}

/** Makes a batch of off-CPU records. */
export function offcpuBatch(
  rows: readonly RecordedRow[],
  origin: Partial<Omit<Batch, 'entries'>> = {},
): Batch {
  const columns = entryColumns(offcputime).map((_, index) => rows.map((row): Value => row[index] ?? null));
  const entries = [makeEntries({ category: offcputime, length: rows.length, values: columns })];
  return { hostname: 'destiny', timeUs: FIRST_TIME_US, labels: {}, lost: 0, ...origin, entries };
}

/** Makes a database of these batches, as the logger would. */
export async function makeDatabase(file: string, batches: readonly Batch[]): Promise<void> {
  const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
  await store.init();
  await store.append(batches.map((batch) => ({ batch })));
  await store.close();
}

/** Makes batches of the whole recording: every other one from another host, a minute apart. */
export function recordedBatches(): readonly Batch[] {
  const rows = readRecording();
  return Array.from({ length: Math.ceil(rows.length / ROWS_PER_BATCH) }, (_, index) =>
    offcpuBatch(rows.slice(index * ROWS_PER_BATCH, (index + 1) * ROWS_PER_BATCH), {
      hostname: index % 2 === 0 ? 'destiny' : 'fate',
      timeUs: FIRST_TIME_US + index * 60_000_000,
      labels: { kernel: index % 2 === 0 ? 'v6.12' : 'v6.1' },
    }),
  );
}
