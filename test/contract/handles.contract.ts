import { expect, onTestFinished, test } from 'vitest';
import { offcputime } from '../../src/core/category/index.ts';
import { always } from '../../src/core/query/condition.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import type { CreateTestDatabase } from '../support/test-database.ts';
import {
  count,
  freshStore,
  offcputimeBatch,
  query,
  type Row,
  sampleBatch,
  selectAll,
  sorted,
  stackQuery,
} from './store-data.ts';

/** What several handles on one database, and one handle over its life, must do. */
export function handlesContract(create: CreateTestDatabase): void {
  test('sums are exact to 2^53, and the nearest double above', async () => {
    const { store } = await freshStore(create);
    const big = Number.MAX_SAFE_INTEGER;
    const sum = (...weights: number[]) =>
      Number(weights.reduce((total, weight) => total + BigInt(weight), 0n));
    const groups = {
      exact: [big - 2, 1, 1],
      above: [big, 1, 1, 1],
      odd: [big, big, big, 1, 3, big, 5],
      many: new Array(3000).fill(big),
      zero: [0, 0],
    };
    const rows = Object.entries(groups).flatMap(([stack, weights]) =>
      weights.map((weight: number): Row => ['p', weight, stack, weight]),
    );
    await store.append([{ batch: offcputimeBatch(rows) }]);
    for (const weight of ['elapsed', 'pid'])
      expect(sorted(await store.weighStacks(stackQuery(always, weight)))).toEqual(
        sorted(Object.entries(groups).map(([stack, weights]) => ({ stack, weight: sum(...weights) }))),
      );
  });

  test('rows leave before all are read, and one may stop reading at any time', async () => {
    const { store } = await freshStore(create);
    const rows = Array.from({ length: 5000 }, (_, at): Row => ['p', at, `s${at}`, at]);
    await store.append([{ batch: offcputimeBatch(rows) }]);
    for (const stopAfter of [1, 2]) {
      let chunks = 0;
      for await (const chunk of store.select(query())) {
        expect(chunk.length).toBeLessThan(5000);
        if (++chunks === stopAfter) break;
      }
      expect(chunks).toBe(stopAfter);
    }
    expect(await count(store)).toBe(5000);
    await store.append([{ batch: sampleBatch() }]);
    expect(await count(store)).toBe(5002);
  });

  test('one may write while the answer to a question is being read, and the answer stays as it was', async () => {
    const { store } = await freshStore(create);
    const rows = Array.from({ length: 3000 }, (_, at): Row => ['p', at, 's', at]);
    await store.append([{ batch: offcputimeBatch(rows) }]);
    let read = 0;
    for await (const chunk of store.select(query())) {
      if (read === 0) await store.append([{ batch: sampleBatch() }]);
      read += chunk.length;
    }
    expect(read).toBe(3000);
    expect(await count(store)).toBe(3002);
  });

  test('what one handle commits another sees at once', async () => {
    const { store, reader } = await freshStore(create);
    for (let batches = 1; batches <= 3; batches++) {
      const label = `new ${batches}`;
      await store.append([{ batch: { ...offcputimeBatch([[label, 1, label, 1]]), labels: { run: label } } }]);
      const where = parseWhere(`process = '${label}' and labels.run = '${label}'`, offcputime, 0);
      expect(await selectAll(reader, query({ where, columns: ['stack'] }))).toEqual([{ stack: label }]);
    }
  });

  test('closing twice is no error, and what comes after it is refused', async () => {
    const database = await create([]);
    onTestFinished(() => database.remove());
    const store = await database.open();
    await store.append([{ batch: sampleBatch() }]);
    await store.close();
    await store.close();
    await expect(store.append([{ batch: sampleBatch() }])).rejects.toThrow();
    await expect(store.status()).rejects.toThrow();
  });

  test('several processes may make the tables at the same time', async () => {
    const database = await create([]);
    onTestFinished(() => database.remove());
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.open({ create: true })));
    const results = await Promise.all(stores.map((store) => store.init()));
    expect(results.every(({ created }) => !created)).toBe(true);
    await Promise.all(stores.map((store) => store.close()));
  });
}
