import { describe, expect, test } from 'vitest';
import { entryColumns } from '../../../src/core/category/define-category.ts';
import { tracePrograms } from '../../../src/core/trace/index.ts';
import { replayRecording } from '../../support/replay-recording.ts';

describe.each(tracePrograms.map((program) => [program.name, program] as const))('%s', (_, program) => {
  test('makes records of a recording that come to what the kernel side counted', async () => {
    const flushes = await replayRecording(program);
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
    for (const { records } of await replayRecording(program)) {
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
    for (const { records } of await replayRecording(program)) {
      const seen = records.map((record) => JSON.stringify(keys.map((name) => record[name])));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });
});
