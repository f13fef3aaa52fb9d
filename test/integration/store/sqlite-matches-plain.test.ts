import { test } from 'vitest';
import { compareWithPlain } from '../../support/compare-with-plain.ts';
import { createSqliteDatabase } from '../../support/test-database.ts';

test('SQLite answers thousands of questions as looking at each record does', async () => {
  await compareWithPlain(createSqliteDatabase, { runs: 150, questions: 12 });
});
