import { createSqliteDatabase } from '../support/test-database.ts';
import { groupContract } from './group.contract.ts';

groupContract('SQLite', createSqliteDatabase);
