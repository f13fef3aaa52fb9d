import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { genManPages } from '../../../scripts/gen-man-pages.ts';
import manifest from '../../../src/commands/manifest.json' with { type: 'json' };
import { projectRoot } from '../../support/read-module.ts';

const has = (program: string) => spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;
const files = () => globSync('man/*.1', { cwd: projectRoot });

test('every command has a page that names all of its flags', () => {
  const pages = genManPages();
  const shown = Object.values(manifest.commands).filter(
    (command) => !('hidden' in command && command.hidden),
  );
  expect(pages.size).toBe(shown.length + 1);
  for (const { id, flags } of shown) {
    const page = pages.get(`man/kernelscope-${id.replaceAll(':', '-')}.1`)!.replaceAll('\\-', '-');
    for (const name of Object.keys(flags)) expect(page, id).toContain(`\\fB--${name}\\fR`);
  }
});

describe.skipIf(!has('mandoc'))(`mandoc${has('mandoc') ? '' : ' (skipped: it is not installed)'}`, () => {
  test('has nothing against the pages, but that they bear no date', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', ...files()], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    const said = stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'));
    expect(said).toEqual([]);
  });
});

describe.skipIf(!has('man'))(`man${has('man') ? '' : ' (skipped: it is not installed)'}`, () => {
  test('shows the pages without a warning', () => {
    const args = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', ...files()];
    const { stderr, status } = spawnSync('man', args, { cwd: projectRoot, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
