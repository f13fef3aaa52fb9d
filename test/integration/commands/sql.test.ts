import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

/** A question without an end, of which SQLite gives not even the first row. */
const endless = 'with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c';

test('sql prints what was asked in any format, up to a limit, and ends in time', async () => {
  const file = await makeDatabaseFile(await temporaryFolder());
  const store = await openStore({ backend: 'sqlite', address: file });
  await store.append([{ batch: batchOf(30) }]);
  await store.close();
  const sql = (...args: readonly string[]) => kernelscope(['sql', '--sqlite', file, ...args]);
  const question =
    'select process, count(*) as n, avg(pid) as mean from offcputime group by process order by process';
  expect(await sql(question, '--format', 'tsv', '--limit', '2')).toEqual({
    exitCode: 0,
    stdout: 'process\tn\tmean\np0\t5\t14\np1\t5\t15\n',
    stderr: 'the first 2 rows; --limit 0 prints all\n',
  });
  const json = await sql(question, '--json');
  expect(JSON.parse(json.stdout)).toHaveLength(7);
  expect(await sql('delete from batch', '--json')).toMatchObject({
    exitCode: 2,
    stdout: expect.stringContaining('"bad_query"'),
  });
  expect(await sql(endless, '--timeout', '300ms')).toMatchObject({
    exitCode: 69,
    stdout: '',
    stderr: expect.stringContaining('the question took more than 300 ms'),
  });
});

test('the process that asks ends with the one that looks after it, also where that is killed', async () => {
  const file = await makeDatabaseFile(await temporaryFolder());
  const guard = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'bin/dev.js'),
      ...['sql', '--sqlite', file, '--timeout', '1h', endless],
    ],
    { env: plainEnvironment, stdio: 'ignore' },
  );
  onTestFinished(() => void guard.kill('SIGKILL'));
  const asking = await vi.waitFor(() => {
    const [child] = childrenOf(guard.pid!);
    expect(child).toBeDefined();
    return child!;
  }, patience);
  onTestFinished(() => {
    if (isRunning(asking)) process.kill(asking, 'SIGKILL');
  });
  await vi.waitFor(() => expect(openFiles(asking)).toContain(file), patience);
  guard.kill('SIGKILL');
  await vi.waitFor(() => expect(isRunning(asking)).toBe(false), patience);
});

const patience = { timeout: 90_000, interval: 50 };

function childrenOf(pid: number): readonly number[] {
  const words = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return words.filter((word) => word !== '').map(Number);
}

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
}

/** One that has ended and that nobody waited for yet does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
