import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { openSource } from '../../../src/core/store/index.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { temporaryFolder } from '../../support/test-database.ts';

test('who asks a source in a thread goes on while the database takes its time', async () => {
  const file = await makeDatabaseFile(await temporaryFolder());
  const writer = new Database(file);
  onTestFinished(() => void writer.close());
  // Without a write-ahead log a writer keeps readers out.
  writer.pragma('journal_mode = DELETE');
  const source = await openSource({ backend: 'sqlite', address: file }, { inThread: true });
  onTestFinished(() => source.close());
  writer.exec('BEGIN EXCLUSIVE');
  const answered = source.scope(offcputime, always);
  expect(await Promise.race([answered, setImmediate('went on')])).toBe('went on');
  writer.exec('COMMIT');
  expect(await answered).toEqual({ batches: 0, lost: 0 });
});
