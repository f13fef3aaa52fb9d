import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { describeProgress, describeStopped, LogRun } from '../../../src/commands/log/log-run.ts';
import { formatRate } from '../../../src/commands/show-progress.ts';
import { packBatch } from '../../../src/core/agent/parcel.ts';
import { newProgress } from '../../../src/core/import/records/read-batches.ts';
import { batchOf } from '../../support/sample-batch.ts';

test('what log is at is said: reading, then storing, or both at once', () => {
  expect(describeProgress(12_345, 0, false)).toEqual({ text: '12,345 records read', count: 12_345 });
  expect(describeProgress(12_345, 5000, false)).toEqual({
    text: '5,000 of 12,345 records stored',
    count: 5000,
  });
  expect(describeProgress(12_345, 5000, true)).toEqual({
    text: '12,345 records read, 5,000 stored',
    count: 12_345,
  });
});

test('what is left behind is said', () => {
  expect(describeStopped(12_345, 0)).toBe('stopped: 12,345 records read, nothing was stored');
  expect(describeStopped(12_345, 5000)).toBe('stopped: 5,000 of 12,345 records that were read are stored');
});

test('a rate is of the time between two counts, and none where counting began anew', () => {
  expect(formatRate({ count: 1000, atMs: 500 }, { count: 4000, atMs: 2500 })).toBe('1,500 per second');
  expect(formatRate({ count: 12_345, atMs: 0 }, { count: 5000, atMs: 1000 })).toBe('0 per second');
  expect(formatRate({ count: 0, atMs: 0 }, { count: 0, atMs: 0 })).toBe('0 per second');
});

test('a run that is stopped while it stores takes nothing more, and says what is missing', async () => {
  const { exitCode } = process;
  onTestFinished(() => {
    process.exitCode = exitCode;
  });
  const said: string[] = [];
  const progress = { ...newProgress(), records: 5 };
  const run = new LogRun({
    input: Readable.from([]),
    isLive: false,
    progress,
    key: 'this-input',
    say: (line) => said.push(line),
  });
  const deliver = run.deliverBy(async () => ({ stored: true }));
  const { signal } = new AbortController();
  await deliver(packBatch(batchOf(2), 'a'), signal);
  process.emit('SIGTERM', 'SIGTERM');
  const error = await deliver(packBatch(batchOf(3), 'b'), signal).catch((reason: unknown) => reason);
  expect(run.end(error)).toBe(true);
  expect(run.stored).toBe(2);
  expect(said).toEqual([
    'stopped: 2 of 5 records that were read are stored',
    '  --key this-input with the same input stores only what is missing',
  ]);
  expect(process.exitCode).toBe(143);
});
