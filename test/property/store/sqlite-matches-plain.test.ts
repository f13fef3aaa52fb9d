import { test } from 'vitest';
import { compareWithPlain } from '../../support/compare-with-plain.ts';
import { createSqliteDatabase } from '../../support/test-database.ts';

// test/integration/store asks more of the same.
test('SQLite answers as looking at each record does', async () => {
  await compareWithPlain(createSqliteDatabase, { runs: 20, questions: 6 });
});
