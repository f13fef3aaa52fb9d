import { basename, dirname, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { KernelscopeCommand } from '../../src/commands/kernelscope-command.ts';
import manifest from '../../src/commands/manifest.json' with { type: 'json' };
import { listSources, readModule } from '../support/read-module.ts';

/** The id of the command that a file under src/commands holds, by its path. */
function idOf(file: string): string {
  const path = relative('src/commands', file).replace(/\.ts$/, '');
  return (basename(path) === 'index' ? dirname(path) : path).replaceAll('/', ':');
}

test('every file that holds a command has its line in the registry, and the other way round', () => {
  const holders = listSources('src/commands')
    .map(readModule)
    .filter(({ imports }) => imports.some(({ target }) => target === 'src/commands/kernelscope-command.ts'))
    .map(({ file }) => idOf(file));
  expect(holders.sort()).toEqual(Object.keys(commands).sort());
});

test('the manifest, which help is made of, has the same commands', () => {
  expect(Object.keys(manifest.commands).sort()).toEqual(Object.keys(commands).sort());
});

describe.each(Object.entries(commands))('%s', (_id, load) => {
  test('says in a sentence what it does, takes --json, and every flag says what it is for', async () => {
    const command = await load();
    expect(command.prototype).toBeInstanceOf(KernelscopeCommand);
    expect(command.enableJsonFlag).toBe(true);
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    for (const [name, flag] of Object.entries(command.flags))
      expect([name, flag.summary]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)]);
    for (const [name, arg] of Object.entries(command.args))
      expect([name, arg.description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)]);
  });
});
