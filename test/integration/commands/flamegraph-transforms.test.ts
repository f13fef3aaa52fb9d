import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { offcputimeBatch } from '../../support/sample-batch.ts';
import { makeFolder } from '../../support/test-database.ts';

let folder: string;
let remove: () => Promise<void>;
let database: string;
let file: string;

beforeAll(async () => {
  ({ folder, remove } = await makeFolder());
  database = await makeDatabaseFile(folder);
  const store = await openStore({ backend: 'sqlite', address: database });
  await store.append([
    {
      batch: offcputimeBatch([
        ['dd', 1, 'entry;read;read;wait', 70_000],
        ['dd', 2, 'entry;write;wait', 20_000],
        ['sh', 3, 'entry;wait', 9_000],
      ]),
    },
    { batch: offcputimeBatch([['sh', 3, 'exit', 1_000]], { hostname: 'other' }) },
  ]);
  await store.close();
  file = join(folder, 'stacks.folded');
  writeFileSync(file, 'a;b;b;c 60\na;d 39\na;e 1\nx;d 7\n');
});
afterAll(() => remove());

const folded = (...args: string[]) => kernelscope(['flamegraph', ...args, '--format', 'folded']);

test('records are grouped by columns, and what is done to stacks leaves the groups in front', async () => {
  const grouped = await folded(
    '--sqlite',
    database,
    '--by',
    'hostname,process',
    '--invert',
    '--hide',
    '^entry$',
  );
  expect(grouped.stderr).toBe('');
  expect(grouped.stdout).toBe(
    [
      'destiny;dd;wait;read;read 70000',
      'destiny;dd;wait;write 20000',
      'destiny;sh;wait 9000',
      'other;sh;exit 1000\n',
    ].join('\n'),
  );
});

test('a picture says what was done to its stacks', async () => {
  const ended = await kernelscope([
    ...[
      'flamegraph',
      '--sqlite',
      database,
      '--by',
      'process',
      '--where',
      'elapsed > 1us',
      '--exclude',
      'write',
    ],
    ...[
      '--collapse-recursion',
      '--min-share',
      '10%',
      '--keep-top',
      '4',
      '--format',
      'text',
      '--width',
      '100',
    ],
  ]);
  expect(ended.stdout).toContain(
    'elapsed > 1us, by process, without /write/, recursion merged, frames from 10%, the 4 heaviest frames',
  );
  expect(ended.stdout).toMatch(/^\|dd 70 us 88\.6%/m);
});

test('stacks of a file are chosen, changed and merged by the same flags', async () => {
  const focused = await folded(file, '--focus', '^a$', '--focus', 'd|e', '--min-share', '0.05');
  expect(focused.stdout).toBe('a;[smaller frames] 1\na;d 39\n');
  const top = await folded(file, '--exclude', '^x$', '--collapse-recursion', '--keep-top', '3');
  expect(top.stdout).toBe('a;[smaller frames] 40\na;b;c 60\n');
});

test('flags that mean nothing are refused, and no stack left is nothing to draw', async () => {
  const by = await folded(file, '--by', 'process');
  expect(by).toMatchObject({ exitCode: 2, stdout: '' });
  const expression = await folded(file, '--hide', '(');
  expect(expression).toMatchObject({ exitCode: 2, stdout: '' });
  expect(expression.stderr).toContain("'(' is not a regular expression");
  const share = await folded(file, '--min-share', '120%');
  expect(share).toMatchObject({ exitCode: 2, stdout: '' });
  const none = await folded(file, '--focus', 'nothing');
  expect(none).toMatchObject({ exitCode: 3, stdout: '' });
});
