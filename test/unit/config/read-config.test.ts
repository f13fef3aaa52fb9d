import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addArguments, toArguments, variableOf } from '../../../src/commands/config/settings.ts';
import { findConfigFiles } from '../../../src/core/config/config-files.ts';
import { readConfig } from '../../../src/core/config/read-config.ts';
import { expectProblem, problemOf, problemOfAsync } from '../../support/problem.ts';
import { temporaryFolder } from '../../support/test-database.ts';

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(await temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

describe('a config file', () => {
  const entries = [
    { section: '', key: 'db', value: '/var/lib/k.db' },
    { section: '', key: 'token-file', value: '/etc/token' },
    { section: 'query', key: 'limit', value: 20 },
    { section: 'trace:offcpu', key: 'comm', value: ['a', 'b'] },
    { section: 'trace:offcpu', key: 'quiet', value: true },
  ];

  test('is TOML', async () => {
    const file = await fileOf(
      'kernelscope.toml',
      `db = "/var/lib/k.db" # here\ntoken_file = '/etc/token'\n[query]\nlimit = 20\n[trace.offcpu]\ncomm = ["a", "b"]\nquiet = true\n`,
    );
    expect(await readConfig([file])).toEqual(entries.map((entry) => ({ ...entry, file })));
  });

  test('or JSON', async () => {
    const file = await fileOf(
      'kernelscope.json',
      JSON.stringify({
        db: '/var/lib/k.db',
        'token-file': '/etc/token',
        query: { limit: 20 },
        trace: { offcpu: { comm: ['a', 'b'], quiet: true } },
      }),
    );
    expect(await readConfig([file])).toEqual(entries.map((entry) => ({ ...entry, file })));
  });

  test('of several the first counts, for each setting on its own', async () => {
    const own = await fileOf('kernelscope.toml', 'db = "own.db"\n');
    const system = await fileOf('kernelscope.toml', 'db = "system.db"\nlogger = "http://logs:8081"\n');
    expect((await readConfig([own, system])).map(({ key, value }) => [key, value])).toEqual([
      ['db', 'own.db'],
      ['logger', 'http://logs:8081'],
    ]);
  });

  test.each([
    ['kernelscope.toml', 'db = \n', 'kernelscope.toml: Invalid TOML'],
    ['kernelscope.json', '{"db"', 'JSON'],
    ['kernelscope.json', '[1]', 'it holds no object'],
    ['kernelscope.toml', 'db = 2016-10-24\n', "'db' is nothing that a flag takes"],
    ['kernelscope.toml', '[query]\nsort = [["a"]]\n', "'query.sort' is nothing that a flag takes"],
  ])('%s with %j is refused', async (name, text, says) => {
    const file = await fileOf(name, text);
    expectProblem(await problemOfAsync(readConfig([file])), 'bad_config', file, says);
  });

  test('is looked for in the XDG folder and in /etc, TOML before JSON, unless one is named', async () => {
    const folder = await temporaryFolder();
    const [own, system] = ['own', 'system'].map((name) => join(folder, name, 'kernelscope'));
    for (const each of [own!, system!]) mkdirSync(each, { recursive: true });
    const find = (env = {}) =>
      findConfigFiles({ XDG_CONFIG_HOME: join(folder, 'own'), ...env }, join(folder, 'system'));
    expect(find()).toEqual([]);
    writeFileSync(join(system!, 'kernelscope.json'), '{}');
    expect(find()).toEqual([join(system!, 'kernelscope.json')]);
    for (const name of ['kernelscope.json', 'kernelscope.toml']) writeFileSync(join(own!, name), '');
    expect(find()).toEqual([join(own!, 'kernelscope.toml'), join(system!, 'kernelscope.json')]);
    const named = join(own!, 'kernelscope.json');
    expect(find({ KERNELSCOPE_CONFIG: named })).toEqual([named]);
    expectProblem(
      problemOf(() => find({ KERNELSCOPE_CONFIG: `${named}5` })),
      'bad_config',
      `${named}5`,
    );
  });
});

describe('what is configured becomes arguments', () => {
  const flags = {
    limit: { type: 'option' },
    comm: { type: 'option', multiple: true },
    quiet: { type: 'boolean' },
    color: { type: 'boolean', allowNo: true },
  };
  const supplied = (flag: string, value: never) => [{ flag, value, origin: 'file' }];

  test.each([
    ['limit', 20, ['--limit=20']],
    ['comm', ['a', '-b'], ['--comm=a', '--comm=-b']],
    ['quiet', true, ['--quiet']],
    ['quiet', false, []],
    ['color', false, ['--no-color']],
  ])('%s: %j', (flag, value, words) => {
    expect(toArguments(supplied(flag, value as never), flags)).toEqual(words);
  });

  test('a flag that is on or off is nothing else', () => {
    expectProblem(
      problemOf(() => toArguments(supplied('quiet', 'maybe' as never), flags)),
      'bad_config',
      '--quiet',
    );
  });

  test('behind what was written, before the command that is traced', () => {
    expect(addArguments(['a', '--b'], ['--c=1'])).toEqual(['a', '--b', '--c=1']);
    expect(addArguments(['a', '--', 'dd', '--c=2'], ['--c=1'])).toEqual(['a', '--c=1', '--', 'dd', '--c=2']);
  });

  test('each flag has a variable', () => {
    expect(variableOf('trace:offcpu', 'user-threads')).toBe('KERNELSCOPE_TRACE_OFFCPU_USER_THREADS');
  });
});
