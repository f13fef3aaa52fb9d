import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/core/store/index.ts';
import { kernelscope } from '../../support/run-command.ts';
import { makeDatabaseFile } from '../../support/run-services.ts';
import { batchOf } from '../../support/sample-batch.ts';
import { temporaryFolder } from '../../support/test-database.ts';

test('flags come before the environment, that before the config file; config show says which it was', async () => {
  const folder = await temporaryFolder();
  const database = await makeDatabaseFile(folder);
  const store = await openStore({ backend: 'sqlite', address: database });
  await store.append([{ batch: batchOf(9) }]);
  await store.close();
  const file = join(folder, 'kernelscope', 'kernelscope.toml');
  mkdirSync(join(folder, 'kernelscope'));
  const config = `db = "${database}"\ndbpassword = "hidden-one"\nlogger = "http://u:hidden-two@logs:8081"\n[query]\nlimit = 2\nformat = "tsv"\nselect = "pid"\nsort = "pid"\n`;
  writeFileSync(file, config);
  const run = (args: readonly string[], env = {}) =>
    kernelscope(args, { env: { XDG_CONFIG_HOME: folder, ...env } });
  expect((await run(['query'])).stdout).toBe('pid\n0\n1\n');
  expect((await run(['query', '-n', '1', '-s', 'elapsed'])).stdout).toBe('elapsed\n0\n');
  expect((await run(['query'], { KERNELSCOPE_QUERY_LIMIT: '3' })).stdout).toBe('pid\n0\n1\n2\n');
  // A format of the config file is none for --json.
  expect(JSON.parse((await run(['query', '--json'])).stdout)).toEqual([{ pid: 0 }, { pid: 1 }]);

  const shown = await run(['config', 'show', '--json'], { KERNELSCOPE_QUERY_LIMIT: '3' });
  expect(shown.stdout + shown.stderr).not.toMatch(/hidden/);
  expect(JSON.parse(shown.stdout)).toEqual([
    { setting: 'db', value: database, origin: file },
    { setting: 'dbpassword', value: '********', origin: file },
    { setting: 'logger', value: 'http://u:********@logs:8081', origin: file },
    { setting: 'query.select', value: 'pid', origin: file },
    { setting: 'query.sort', value: 'pid', origin: file },
    { setting: 'query.limit', value: '3', origin: '$KERNELSCOPE_QUERY_LIMIT' },
    { setting: 'query.format', value: 'tsv', origin: file },
  ]);

  const secrets = {
    KERNELSCOPE_TOKEN: 'hidden-three',
    // No address at all, for its password is not encoded; it is masked all the same.
    KERNELSCOPE_DB: 'mysql://u:hidden/four@db/name',
  };
  const withSecrets = await run(['config', 'show'], secrets);
  expect(withSecrets.stdout).not.toMatch(/hidden/);
  expect(withSecrets.stdout).toMatch(/^db +mysql:\/\/u:\*{8}@db\/name +\$KERNELSCOPE_DB$/m);
  expect(withSecrets.stdout).toMatch(/^token +\*{8} +\$KERNELSCOPE_TOKEN$/m);

  writeFileSync(file, `${config}limt = 2\n`);
  expect(await run(['query'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/kernelscope query has no flag --limt\n {2}did you mean 'limit'/),
  });
  writeFileSync(file, 'limit = 2\n');
  expect(await run(['query'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("no setting 'limit'"),
  });
});
