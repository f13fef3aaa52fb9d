import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startWorker } from '../../../src/core/assets/start-worker.ts';

test('a worker that does not exist reports the module it looked for', async () => {
  const [error] = await once(startWorker('nonesuch'), 'error');
  expect(error.message).toContain('src/core/nonesuch/nonesuch-worker.ts');
});
