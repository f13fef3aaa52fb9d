import type { SentBatch } from './logging-client.ts';

/** Asks a database something that both SQLite and MySQL understand. */
export type AskDatabase = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/**
 * Compares what a database holds with what was sent to it, through its plain tables and view: every acknowledged
 * batch whole and once, every pending one whole and once or not at all, and nothing else. Gives what is wrong.
 */
export async function findFaults(
  ask: AskDatabase,
  acknowledged: readonly SentBatch[],
  pending: readonly SentBatch[] = [],
): Promise<string[]> {
  const faults: string[] = [];
  const keys = new Map((await ask('SELECT `key`, COUNT(*) FROM batch GROUP BY `key`')).map(numbersOf));
  const rows = await ask(
    'SELECT process, COUNT(*), COUNT(DISTINCT pid), SUM(elapsed), COUNT(stack), MAX(pid) FROM offcputime GROUP BY process',
  );
  const stored = new Map(rows.map(numbersOf));
  const expected = (batch: SentBatch) => [
    batch.length,
    batch.length,
    batch.elapsedSum,
    batch.length,
    batch.length - 1,
  ];
  const check = (batch: SentBatch) => {
    const found = String(stored.get(batch.process));
    if (String(keys.get(batch.key)) !== '1')
      faults.push(`${batch.process}: its key is there ${keys.get(batch.key)} times`);
    if (found !== String(expected(batch)))
      faults.push(`${batch.process}: ${found}, and not ${expected(batch)}`);
  };
  for (const batch of acknowledged) check(batch);
  for (const batch of pending) if (keys.has(batch.key) || stored.has(batch.process)) check(batch);

  const sent = [...acknowledged, ...pending];
  const processes = new Set(sent.map(({ process }) => process));
  for (const process of stored.keys()) if (!processes.has(process)) faults.push(`${process}: never sent`);
  const [[batchCount], [rowCount]] = [
    (await ask('SELECT COUNT(*) FROM batch'))[0]!,
    (await ask('SELECT COUNT(*) FROM offcputime_row'))[0]!,
  ] as [readonly unknown[], readonly unknown[]];
  if (Number(batchCount) !== keys.size) faults.push(`${batchCount} batches and ${keys.size} keys`);
  const shown = [...stored.values()].reduce((sum, [count]) => sum + count!, 0);
  if (Number(rowCount) !== shown) faults.push(`${rowCount} rows, of which the view shows ${shown}`);
  for (const dictionary of ['string', 'stack']) {
    const [[count]] = (await ask(`SELECT COUNT(*) - COUNT(DISTINCT value) FROM ${dictionary}`)) as [
      [unknown],
    ];
    if (Number(count) !== 0) faults.push(`${count} entries of ${dictionary} are there more than once`);
  }
  return faults;
}

function numbersOf([name, ...values]: readonly unknown[]): [string, number[]] {
  return [String(name), values.map(Number)];
}
