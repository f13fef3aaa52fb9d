import { createSqliteDatabase } from '../support/test-database.ts';
import { storeContract } from './store.contract.ts';

storeContract('SQLite', createSqliteDatabase);
