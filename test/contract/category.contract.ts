import { describe, expect, onTestFinished, test } from 'vitest';
import { KernelscopeError } from '../../src/core/base/kernelscope-error.ts';
import { type Category, defineCategory } from '../../src/core/category/define-category.ts';
import { makeEntries } from '../../src/core/category/entry-columns.ts';
import { always } from '../../src/core/query/condition.ts';
import { parseWhere } from '../../src/core/query/parse-where.ts';
import type { Store } from '../../src/core/store/store.ts';
import { problemOfAsync } from '../support/problem.ts';
import { offcputimeBatch } from '../support/sample-batch.ts';
import type { CreateTestDatabase, TestDatabase } from '../support/test-database.ts';

const columns = [
  { name: 'process', type: 'string', prettyName: 'Process' },
  { name: 'stack', type: 'stack', prettyName: 'Stack' },
  { name: 'latency', type: 'elapsed', prettyName: 'Latency', unit: 'us' },
] as const;
const waits = defineCategory({ name: 'waits', prettyName: 'Waits', columns });
const other = defineCategory({
  name: 'waits',
  prettyName: 'Waits',
  columns: [columns[1], { ...columns[2], unit: 'ms' }, { name: 'cpu', type: 'int', prettyName: 'CPU' }],
});

/** What every backend must do about categories that come and go while it is in use. */
export function categoryContract(name: string, create: CreateTestDatabase): void {
  describe(`${name} explains`, () => {
    test('the statement that a question becomes, with ids for names, and how it is answered', async () => {
      const { store, reader } = await twoHandles(create);
      await store.append([{ batch: offcputimeBatch([['dd', 1, 'a;b', 1]]) }]);
      const category = (await reader.categories()).get('offcputime')!;
      const explain = (where: string) =>
        reader.explain({
          kind: 'rows',
          category,
          columns: ['pid'],
          where: parseWhere(where, category, 0),
          sort: [],
        });
      const { sql, plan } = await explain('process = dd and elapsed > 7us');
      expect(sql?.text).toMatch(/^SELECT .*process. IN \(\d+\)/s);
      expect(sql?.params).toEqual([7000]);
      expect(plan.join('\n')).toMatch(/\b[br]\b/);
      expect(await explain('process = nonesuch')).toEqual({ sql: undefined, plan: [] });
    });
  });

  describe(`${name} takes categories at run time`, () => {
    test('one that was added holds records, last in order, for handles that were open before', async () => {
      const { store, reader } = await twoHandles(create);
      const before = [...(await reader.categories()).keys()];
      expect(await store.addCategory(waits)).toEqual({ created: true });
      const declared = await reader.categories();
      expect([...declared.keys()]).toEqual([...before, 'waits']);
      expect(declared.get('waits')).toEqual(waits);
      await store.append([{ batch: waitsBatch(3) }]);
      expect(await latencies(reader, waits)).toEqual([0, 1, 2]);
      expect(
        await reader.weighStacks({ kind: 'stacks', category: waits, stack: 'stack', where: always }),
      ).toEqual([{ stack: 'a;b', weight: 3 }]);
    });

    test('the same once more changes nothing, a different one is refused with what differs', async () => {
      const { store, reader } = await twoHandles(create);
      await store.addCategory(waits);
      await store.append([{ batch: waitsBatch(2) }]);
      expect(await reader.addCategory(waits)).toEqual({ created: false });
      const problem = await problemOfAsync(store.addCategory(other));
      expect(problem).toMatchObject({ code: 'category_exists' });
      expect(problem.message).toContain("it has a column 'process' there, and none here");
      expect(await latencies(reader, waits)).toEqual([0, 1]);
    });

    test('a built-in one is there already, and a different one of its name is refused', async () => {
      const { store } = await twoHandles(create);
      const builtIn = (await store.categories()).get('offcputime')!;
      expect(await store.addCategory(builtIn)).toEqual({ created: false });
      const clash = defineCategory({ name: 'offcputime', prettyName: 'Mine', columns });
      expect(await problemOfAsync(store.addCategory(clash))).toMatchObject({ code: 'category_exists' });
    });

    test('two that add the same at once: one makes it, both have it', async () => {
      const { store, reader } = await twoHandles(create);
      const results = await Promise.all([store.addCategory(waits), reader.addCategory(waits)]);
      expect(results.map(({ created }) => created).sort()).toEqual([false, true]);
      await reader.append([{ batch: waitsBatch(1) }]);
      expect(await latencies(store, waits)).toEqual([0]);
    });

    test('two that add different ones of one name at once: one is refused, the other one holds records', async () => {
      const { store, reader } = await twoHandles(create);
      const results = await Promise.allSettled([store.addCategory(waits), reader.addCategory(other)]);
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.map(({ reason }) => (reason as KernelscopeError).code)).toEqual(['category_exists']);
      const winner = results[0].status === 'fulfilled' ? waits : other;
      expect((await store.categories()).get('waits')).toEqual(winner);
      await store.append([{ batch: waitsBatch(1, winner) }]);
      expect(await latencies(reader, winner)).toEqual([0]);
    });

    test('one that is dropped goes with its records and no others, and its name is free again', async () => {
      const { store, reader } = await twoHandles(create);
      await store.addCategory(waits);
      await store.append([
        { batch: waitsBatch(5), key: 'one' },
        { batch: offcputimeBatch([['dd', 1, 'a', 1]]) },
      ]);
      expect(await store.dropCategory('waits')).toEqual({ records: 5 });
      expect([...(await reader.categories()).keys()]).not.toContain('waits');
      expect((await reader.status()).rows).toEqual({ offcputime: 1 });
      await reader.addCategory(other);
      expect(await latencies(store, other)).toEqual([]);
      await store.append([{ batch: waitsBatch(2, other) }]);
      expect(await latencies(reader, other)).toEqual([0, 1]);
      expect((await reader.status()).rows).toEqual({ offcputime: 1, waits: 2 });
      expect(await store.rebuild()).toBe(3);
    });

    test('a built-in one stays, and one that is not there cannot go', async () => {
      const { store } = await twoHandles(create);
      expect(await problemOfAsync(store.dropCategory('offcputime'))).toMatchObject({ code: 'usage' });
      await store.addCategory(waits);
      expect(await problemOfAsync(store.dropCategory('wait'))).toMatchObject({
        code: 'unknown_category',
        suggestions: expect.arrayContaining(["did you mean 'waits'?"]),
      });
    });

    test('two that drop at once: it is gone, and nobody is told of a bug', async () => {
      const { store, reader } = await twoHandles(create);
      await store.addCategory(waits);
      const results = await Promise.allSettled([store.dropCategory('waits'), reader.dropCategory('waits')]);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'unknown_category' });
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect((await store.categories()).has('waits')).toBe(false);
      expect(await store.addCategory(other)).toEqual({ created: true });
    });

    test('one that is dropped while it is written: what was taken has gone, what comes later is refused, other records stay', async () => {
      const { store, reader } = await twoHandles(create);
      await store.addCategory(waits);
      let taken = 0;
      const ended = (async () => {
        for (let sent = 0; ; sent++) {
          try {
            await store.append([{ batch: waitsBatch(10), key: `waits-${sent}` }]);
          } catch (error) {
            return error;
          }
          await store.append([{ batch: offcputimeBatch([['dd', sent, 'a', 1]]) }]);
          taken++;
        }
      })();
      // Once it is in full swing.
      for (;;) if (((await reader.status()).rows.waits ?? 0) >= 50) break;
      const { records } = await reader.dropCategory('waits');
      expect(records).toBeGreaterThanOrEqual(50);
      expect(await ended).toBeInstanceOf(KernelscopeError);
      expect((await reader.status()).rows).toEqual({ offcputime: taken });
      await reader.addCategory(waits);
      expect(await latencies(reader, waits)).toEqual([]);
      await store.append([{ batch: waitsBatch(1), key: 'later' }]);
      expect(await latencies(reader, waits)).toEqual([0]);
    });
  });
}

async function twoHandles(
  create: CreateTestDatabase,
): Promise<{ readonly store: Store; readonly reader: Store }> {
  const database = await create([]);
  onTestFinished(() => database.remove());
  return { store: await openUntilEnd(database), reader: await openUntilEnd(database) };
}

async function openUntilEnd(database: TestDatabase): Promise<Store> {
  const store = await database.open();
  onTestFinished(() => store.close());
  return store;
}

function waitsBatch(count: number, category: Category = waits) {
  const values = category.columns
    .slice(2)
    .map(({ type, name }) =>
      Array.from({ length: count }, (_, at) =>
        type === 'stack' ? 'a;b' : type === 'string' ? `p${at}` : name === 'latency' ? at : 7,
      ),
    );
  return offcputimeBatch([], { entries: [makeEntries({ category, length: count, values })] });
}

async function latencies(store: Store, category: Category): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const sort = [{ column: 'latency', descending: false }];
  const query = { kind: 'rows', category, columns: ['latency'], where: always, sort } as const;
  for await (const chunk of store.select(query))
    found.push(...chunk.map((row) => (row as { latency: number }).latency));
  return found;
}
