import { storeContract } from '../../contract/store.contract.ts';
import { createSqliteDatabaseInWorker } from '../../support/test-database.ts';

storeContract('SQLite in a thread', createSqliteDatabaseInWorker);
