import { describe, expect, test } from 'vitest';
import { entryColumns } from '../../../src/core/category/define-category.ts';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import { replayRecording } from '../../support/replay-recording.ts';

const recordings = tracePrograms.flatMap((program) => [
  [program.name, program] as const,
  ...(['offwake', 'blockio'].includes(program.name)
    ? [[`${program.name}-user-stacks`, program] as const]
    : []),
]);

describe.each(recordings)('%s', (recording, program) => {
  test('makes records of a recording that come to what the kernel side counted', async () => {
    const flushes = await replayRecording(program, recording);
    expect(flushes.some(({ records }) => records.length > 0)).toBe(true);
    for (const { flush, records } of flushes) {
      expect(flush.sum.ns + flush.lost.ns).toBe(flush.total.ns);
      expect(flush.sum.count + flush.lost.count).toBe(flush.total.count);
      expect(records.reduce((sum, { elapsed }) => sum + Number(elapsed), 0)).toBe(flush.sum.ns);
      const counts = records.map((record) => Number(record.count ?? record.samples));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(flush.sum.count);
    }
  });

  test('gives every column of its category a value of its type', async () => {
    const columns = entryColumns(program.category);
    for (const { records } of await replayRecording(program, recording)) {
      for (const record of records) {
        for (const { name, type, optional } of columns) {
          const value = record[name];
          if (value === null) expect([name, optional]).toEqual([name, true]);
          else expect([name, typeof value]).toEqual([name, /string|stack/.test(type) ? 'string' : 'number']);
        }
      }
    }
  });

  test('has no two records that differ in nothing but sums', async () => {
    const keys = entryColumns(program.category)
      .filter(({ name, type }) => name === 'pid' || type === 'string' || type === 'stack')
      .map(({ name }) => name);
    for (const { records } of await replayRecording(program, recording)) {
      const seen = records.map((record) => JSON.stringify(keys.map((name) => record[name])));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
});
