import { createSqliteDatabase } from '../support/test-database.ts';
import { pruneContract } from './prune.contract.ts';

pruneContract('SQLite', createSqliteDatabase);
