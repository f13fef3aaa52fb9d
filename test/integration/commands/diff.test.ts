import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { offcputimeBatch, sampleTimeUs } from '../../support/sample-batch.ts';
import { makeFolder } from '../../support/test-database.ts';

let folder: string;
let remove: () => Promise<void>;
let database: string;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  database = await makeDatabaseFile(folder);
  const store = await openStore({ backend: 'sqlite', address: database });
  const batch = (kernel: string, run: string, second: number, grows: number) => ({
    batch: offcputimeBatch(
      [
        ['dd', 1, 'read;wait', grows * 1e6],
        ['dd', 1, 'write', 40e6],
      ],
      { labels: { kernel, run }, timeUs: sampleTimeUs + second * 1e6, lost: kernel === 'old' ? 1 : 0 },
    ),
  });
  await store.append([
    batch('old', 'a1', 0, 20),
    batch('old', 'a2', 10, 22),
    batch('old', 'a3', 20, 18),
    batch('new', 'b1', 100, 40),
    batch('new', 'b2', 140, 42),
    batch('new', 'b3', 180, 38),
  ]);
  await store.close();
  writeFileSync(join(folder, 'before.folded'), 'a;grows 20\na;same 40\na;gone 30\n');
  writeFileSync(join(folder, 'after.folded'), 'a;grows 60\na;same 40\na;new 10\n');
});
afterAll(() => remove());

const diff = (...args: string[]) => kernelscope(['diff', '--sqlite', database, ...args], { cwd: folder });

describe('records', () => {
  test('are compared by labels, as a table that says what was lost', async () => {
    const ended = await diff('--a', 'kernel=old', '--b', 'kernel=new');
    expect(ended.stderr).toBe('');
    expect(ended.stdout.split('\n').slice(0, 5)).toEqual([
      'before: kernel=old · after: kernel=new',
      '180 ms → 240 ms (+60 ms, +33.3%) · not normalised · 3 events lost',
      'before   after   delta  change  stack',
      ' 60 ms  120 ms  +60 ms   +100%  read > wait',
      '120 ms  120 ms       =       =  write',
    ]);
  });

  test('of repeated runs have p-values, under filters and shapes for both sides', async () => {
    const runs = ['a1', 'a2', 'a3'].flatMap((name) => ['--a', `run=${name}`]);
    const others = ['b1', 'b2', 'b3'].flatMap((name) => ['--b', `labels.run = ${name}`]);
    const ended = await diff(...runs, ...others, '--where', 'process = dd', '--by', 'process', '--json');
    const { before, after, test: tested, changes } = JSON.parse(ended.stdout);
    expect([before, after]).toMatchObject([
      { runs: 3, total: 60e6 },
      { runs: 3, total: 80e6 },
    ]);
    expect(tested.p).toBeLessThan(0.001);
    expect(changes[0]).toMatchObject({ stack: 'dd;read;wait', before: 20e6, after: 40e6, kind: 'both' });
    expect(changes[0].adjustedP).toBeLessThan(0.01);
  });

  test('are told apart as runs by a label; a run without what is asked for counts as nothing', async () => {
    const sides = ['--a', 'kernel=old', '--b', 'kernel=new'];
    const read = async (...args: string[]) => JSON.parse((await diff(...args, '--json')).stdout);
    const [byLabel, given] = [
      await read(...sides, '--runs', 'run'),
      await read(
        ...['a1', 'a2', 'a3'].flatMap((name) => ['--a', `run=${name}`]),
        ...['b1', 'b2', 'b3'].flatMap((name) => ['--b', `run=${name}`]),
      ),
    ];
    const { name: _before, ...before } = byLabel.before;
    expect(given).toMatchObject({ before, test: byLabel.test, changes: byLabel.changes });
    expect(before).toEqual({ runs: 3, total: 60e6 });

    // Two of the runs before have such a record, of 20 and 22 ms.
    const some = await read(...sides, '--runs', 'run', '--where', 'stack contains read and elapsed > 19ms');
    expect(some.before).toMatchObject({ runs: 3, total: 14e6 });
    expect(some.after).toMatchObject({ runs: 3, total: 40e6 });
  });

  test('have runs only where they have the label, and files have none', async () => {
    const unlabelled = await diff('--a', 'kernel=old', '--b', 'kernel=new', '--runs', 'attempt');
    expect(unlabelled).toMatchObject({ exitCode: 3, stdout: '' });
    expect(unlabelled.stderr).toContain("no record of 'kernel=old' has the label attempt");
    const file = await diff('--a', 'before.folded', '--b', 'kernel=new', '--runs', 'run', '--unit', 'ns');
    expect(file).toMatchObject({ exitCode: 2, stdout: '' });
    expect(file.stderr).toContain('before.folded is a file');
  });

  test('are normalised by time or by events, which is said', async () => {
    const byTime = await diff('--a', 'kernel=old', '--b', 'kernel=new', '--normalize', 'time');
    expect(byTime.stdout).toContain('720 ms → 240 ms (-480 ms, -66.7%) · normalised by time: before × 4');
    const sides = ['--a', 'run=a1', '--b', 'kernel=new', '--normalize'];
    const byCount = await diff(...sides, 'count', '--per', 'frame', '--limit', '1');
    expect(byCount.stdout).toContain('normalised by number of events: before × 3');
    const single = await diff(...sides, 'time');
    expect(single).toMatchObject({ exitCode: 2, stdout: '' });
    expect(single.stderr).toContain('--normalize 10m:1h');
  });

  test('that no side may be without', async () => {
    const ended = await diff('--a', 'kernel=old', '--b', 'kernel=newer');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain("'kernel=newer' matches no record");
    const wrong = await diff('--a', 'kernel > 1', '--b', 'kernel=new');
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('files', () => {
  const sides = ['--a', 'before.folded', '--b', 'after.folded'];

  test('are compared without a database, in two columns', async () => {
    const ended = await kernelscope(['diff', ...sides, '--format', 'folded', '--hide', '^a$'], {
      cwd: folder,
    });
    expect(ended).toEqual({
      exitCode: 0,
      stdout: 'gone 30 0\ngrows 20 60\nnew 0 10\nsame 40 40\n',
      stderr: '',
    });
  });

  test('are drawn as a picture that has both', async () => {
    const ended = await kernelscope(['diff', ...sides, '--normalize', '9:11', '--svg', '-o', 'diff.svg'], {
      cwd: folder,
    });
    expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const svg = readFileSync(join(folder, 'diff.svg'), 'utf8');
    expect(svg).toContain('before: before.folded · after: after.folded');
    expect(svg).toContain('normalised by given amounts: before × 1.222');
  });

  test('are compared with records where both weigh the same', async () => {
    const ended = await diff('--a', 'before.folded', '--b', 'kernel=new');
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain('weights in count and in ns cannot be compared');
    const same = await diff('--a', 'before.folded', '--b', 'kernel=new', '--unit', 'ns', '--format', 'text');
    expect(same.stdout).toContain('|wait new +120 ms');
  });
});
