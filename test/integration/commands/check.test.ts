import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';
import { makeFolder } from '../../support/test-database.ts';

let remove: () => Promise<void>;
let database: string;

beforeAll(async () => {
  const made = await makeFolder();
  remove = made.remove;
  database = await makeDatabaseFile(made.folder);
  const store = await openStore({ backend: 'sqlite', address: database });
  const batch = (kernel: string, run: string, ms: number, lost = 0) => ({
    batch: offcputimeBatch(
      [
        ['dd', 1, 'read;wait', ms * 1e6],
        ['sh', 2, 'wait', 1e6],
      ],
      { labels: { kernel, run }, lost },
    ),
  });
  await store.append([
    ...[20, 21, 19].map((ms, index) => batch('old', `o${index}`, ms)),
    ...[40, 41, 39].map((ms, index) => batch('slow', `s${index}`, ms, index)),
    ...[10, 22, 40].map((ms, index) => batch('noisy', `n${index}`, ms)),
  ]);
  await store.close();
});
afterAll(() => remove());

const check = (...args: string[]) => kernelscope(['check', '--sqlite', database, ...args]);
const runs = ['--runs', 'run', '--min-runs', '3'];

describe('limits', () => {
  test('that hold pass, and what was compared is said', async () => {
    const ended = await check('--label', 'kernel=old', '--max', 'max(elapsed) <= 21ms', '--max', 'count < 7');
    expect(ended).toEqual({
      exitCode: 0,
      stdout:
        'offcputime, kernel=old\nPASS     max(elapsed) <= 21ms: 21 ms (1 run)\nPASS     count < 7: 6 (1 run)\n',
      stderr: '',
    });
  });

  test('that do not hold fail, in every format', async () => {
    const slow = ['--label', 'kernel=slow', '--max', 'p99(elapsed) <= 5ms'];
    const json = await check(...slow, '--json');
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      passed: false,
      notes: ['3 events lost, which are in none of this'],
      conditions: [{ outcome: 'fail', fails: true, value: 41e6, unit: 'ns', runs: 1 }],
    });
    const junit = await check(...slow, '--format', 'junit');
    expect(junit.exitCode).toBe(1);
    expect(junit.stdout).toContain('<failure message="41 ms (1 run)" type="fail">');
    const github = await check(...slow, '--format', 'github', '--title', 'nightly');
    expect(github.exitCode).toBe(1);
    expect(github.stdout).toContain('::error title=nightly%3A p99(elapsed) <= 5ms::41 ms (1 run)\n');
  });

  test('nothing that matches is a count of 0 where there are records, and no data where there are none', async () => {
    const nothing = await check('--where', 'elapsed > 1s', '--max', 'count = 0', '--max', 'sum(elapsed) = 0');
    expect(nothing.exitCode).toBe(0);
    const unknown = await check('--where', 'elapsed > 1s', '--max', 'p99(elapsed) <= 5ms');
    expect(unknown).toMatchObject({ exitCode: 3 });
    expect(unknown.stdout).toContain('NO DATA  p99(elapsed) <= 5ms: no data');
    const elsewhere = await check('--label', 'kernel=none', '--max', 'count = 0');
    expect(elsewhere).toMatchObject({ exitCode: 3 });
  });
});

describe('growth', () => {
  const since = ['--base', 'kernel=old', '--max-change', '10%', '--where', "process = 'dd'"];

  test('beyond what is allowed fails, with an interval over repeated runs', async () => {
    const ended = await check('--label', 'kernel=slow', ...since, ...runs);
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toMatch(
      /^FAIL {5}sum\(elapsed\) grows by at most 10% since kernel=old: 20 ms → 40 ms, \+100% \(3 → 3 runs, 95% interval \+88\.\d% to \+111\.\d%\)$/m,
    );
  });

  test('that runs differ by among themselves is unclear, and fails when strict', async () => {
    const noisy = ['--label', 'kernel=noisy', ...since, ...runs];
    const lenient = await check(...noisy);
    expect(lenient.stdout).toContain('UNCLEAR  sum(elapsed)');
    expect(lenient.exitCode).toBe(0);
    expect((await check(...noisy, '--strict')).exitCode).toBe(1);
  });

  test('is judged for each metric, single runs as they are', async () => {
    const single = ['--label', 'run=s0', '--base', 'run=o0', '--max-change', '21ms'];
    const ended = await check(
      ...single,
      '--metric',
      'max(elapsed)',
      '--metric',
      'count',
      '--where',
      'pid = 1',
    );
    expect(ended).toMatchObject({ exitCode: 2 });
    const both = await check(...single, '--metric', 'max(elapsed)', '--metric', 'sum(elapsed)');
    expect(both.exitCode).toBe(0);
    expect(both.stdout).toContain('20 ms → 40 ms, +100% (one run each: how much runs differ is not known)');
  });

  test('from nothing is more than any share, and without a base there is nothing to judge by', async () => {
    const fromNothing = ['--label', 'kernel=slow', '--where', 'elapsed > 30ms', '--max-change', '900%'];
    const grown = await check(...fromNothing, '--base', 'kernel=old');
    expect(grown.exitCode).toBe(1);
    expect(grown.stdout).toContain('0 ns → 120 ms, +120 ms from nothing');
    const none = await check(...fromNothing, '--base', 'kernel=none');
    expect(none.exitCode).toBe(3);
    expect(none.stdout).toContain('no data of the base');
    const few = await check('--label', 'kernel=slow', ...since, '--runs', 'run', '--min-runs', '4');
    expect(few.exitCode).toBe(3);
    expect(few.stdout).toContain('3 of at least 4 runs');
  });
});

test('a check of nothing is refused', async () => {
  expect(await check('--label', 'kernel=old')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await check('--max-change', '10%')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await check('--max', 'p99(elapsd) < 1')).toMatchObject({ exitCode: 2, stdout: '' });
});

test('a web service is asked as a database is', async () => {
  const services = await startServices(database);
  try {
    const server = ['--server', services.webUrl];
    const args = [
      '--label',
      'kernel=slow',
      '--base',
      'kernel=old',
      '--max-change',
      '10%',
      '--metric',
      'sum(elapsed)',
    ];
    const checked = await kernelscope(['check', ...server, ...args, ...runs, '--max', 'count = 6', '--json']);
    expect(JSON.parse(checked.stdout).conditions).toMatchObject([
      // Two records in each of three runs.
      { name: 'count = 6', outcome: 'fail', value: 2, runs: 3 },
      { outcome: 'fail', base: { runs: 3, mean: 21e6 }, now: { runs: 3, mean: 41e6 } },
    ]);
    const grouped = ['--by', 'labels.kernel,process', '--format', 'folded', '--host', 'destiny'];
    const drawn = await kernelscope(['flamegraph', ...server, ...grouped, '--label', 'kernel=old']);
    expect(drawn.stdout).toBe('old;dd;read;wait 60000000\nold;sh;wait 3000000\n');
    const sides = ['--a', 'kernel=old', '--b', 'kernel=slow', '--normalize', 'count'];
    const compared = await kernelscope(['diff', ...server, ...sides]);
    expect(compared.stdout).toContain(
      '63 ms → 123 ms (+60 ms, +95.2%) · normalised by number of events: before × 1',
    );
    expect(services.bugs).toEqual([]);
  } finally {
    await services.close();
  }
});
