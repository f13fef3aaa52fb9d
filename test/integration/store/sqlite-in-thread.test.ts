import { categoryContract } from '../../contract/category.contract.ts';
import { groupContract } from '../../contract/group.contract.ts';
import { storeContract } from '../../contract/store.contract.ts';
import { createSqliteDatabaseInWorker } from '../../support/test-database.ts';

storeContract('SQLite in a thread', createSqliteDatabaseInWorker);
categoryContract('SQLite in a thread', createSqliteDatabaseInWorker);
groupContract('SQLite in a thread', createSqliteDatabaseInWorker);
