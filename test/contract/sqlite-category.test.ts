import { createSqliteDatabase } from '../support/test-database.ts';
import { categoryContract } from './category.contract.ts';

categoryContract('SQLite', createSqliteDatabase);
