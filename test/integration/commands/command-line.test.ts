import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope } from '../../support/run-command.ts';

const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};

test('--version and --help are data, and succeed', async () => {
  const told = await kernelscope(['--version']);
  expect([told.exitCode, told.stderr]).toEqual([0, '']);
  expect(told.stdout).toMatch(
    new RegExp(`^kernelscope/${version.replaceAll('.', '\\.')} linux-\\S+ node-v\\d+\\S*\\n$`),
  );
  for (const args of [['--help'], ['help'], []]) {
    const ended = await kernelscope(args);
    expect([args, ended.exitCode, ended.stderr]).toEqual([args, 0, '']);
    expect(ended.stdout).toContain('USAGE');
  }
  const command = await kernelscope(['query', '--help']);
  expect(command.exitCode).toBe(0);
  expect(command.stdout).toContain('--where');
});

test.skipIf(process.getuid?.() !== 0)(
  'a user whom no file knows, as in a container, is no bug (root alone can be one)',
  async () => {
    const ended = await kernelscope(['--version'], {
      uid: 54_321,
      env: { HOME: undefined, NODE_COMPILE_CACHE: undefined },
    });
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
  },
);

describe('what is not understood exits with 2, says what may be meant, and nothing on stdout', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['qeury'], ["there is no command 'qeury'", "did you mean 'query'?"]],
    [
      ['db', 'stats'],
      ["there is no command 'db stats'", "did you mean 'db status'?"],
    ],
    [['serve', 'loger'], ["did you mean 'serve logger'?"]],
    [['xyzzy'], ["there is no command 'xyzzy'", 'see kernelscope --help']],
    [['query', '--wher', 'x'], ['--wher']],
    [['query', '--where'], ['--where']],
    [['serve', 'web', '99999'], ['99999']],
    [['serve', 'web', 'eighty'], ['eighty']],
    [['db', 'prune', '--older-than', 'soon'], ["'soon' is not a duration"]],
    [['db', 'prune', '--older-than', '-1d'], ["'-1d' is negative"]],
    [['db', 'init', '--mysql', 'bad host:x/'], ['bad host:x/']],
  ])('%j', async (args, says) => {
    const ended = await kernelscope(args);
    expect([ended.exitCode, ended.stdout]).toEqual([2, '']);
    for (const text of says) expect(ended.stderr).toContain(text);
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.stderr).not.toContain('\u001b');
  });

  test('as JSON where JSON is asked for', async () => {
    const ended = await kernelscope(['qeury', '--json']);
    expect([ended.exitCode, ended.stderr]).toEqual([2, '']);
    expect(JSON.parse(ended.stdout)).toEqual({
      error: {
        code: 'usage',
        message: "there is no command 'qeury'",
        suggestions: ["did you mean 'query'?", 'see kernelscope --help'],
      },
    });
  });
});
