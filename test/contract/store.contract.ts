import { describe } from 'vitest';
import type { CreateTestDatabase } from '../support/test-database.ts';
import { handlesContract } from './handles.contract.ts';
import { pagesContract } from './pages.contract.ts';
import { readingContract } from './reading.contract.ts';
import { statusContract } from './status.contract.ts';
import { writingContract } from './writing.contract.ts';

/**
 * What every backend must do, whatever it is made of. `create` makes databases of the backend; `open` on one of them is
 * what another process would do.
 */
export function storeContract(name: string, create: CreateTestDatabase): void {
  describe(`${name} keeps the contract of a store`, () => {
    writingContract(create);
    statusContract(create);
    readingContract(create);
    pagesContract(create);
    handlesContract(create);
  });
}
