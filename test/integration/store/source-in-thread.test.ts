import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { always } from '../../../src/core/query/condition.ts';
import { openSource } from '../../../src/core/store/index.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { temporaryFolder } from '../../support/test-database.ts';

test('who asks a source in a thread goes on while the database takes its time', async () => {
  const { writer, source } = await lockedSource();
  const answered = source.scope(offcputime, always);
  expect(await Promise.race([answered, setImmediate('went on')])).toBe('went on');
  writer.exec('COMMIT');
  expect(await answered).toEqual({ batches: 0, lost: 0 });
});

test('who closes a source in a thread does not wait for what is still asked', async () => {
  const { writer, source } = await lockedSource();
  const failed = expect(source.scope(offcputime, always)).rejects.toThrow(
    'the thread of the store has ended',
  );
  await setImmediate();
  const closed = source.close();
  await setImmediate();
  // The thread can only answer now, and is not let any more.
  writer.exec('COMMIT');
  await Promise.all([failed, closed]);
});

/** A source in a thread of a database that answers nothing before `writer` commits. */
async function lockedSource() {
  const file = await makeDatabaseFile(await temporaryFolder());
  const writer = new Database(file);
  onTestFinished(() => void writer.close());
  // Without a write-ahead log a writer keeps readers out.
  writer.pragma('journal_mode = DELETE');
  const source = await openSource({ backend: 'sqlite', address: file }, { inThread: true });
  onTestFinished(() => source.close());
  writer.exec('BEGIN EXCLUSIVE');
  return { writer, source };
}
