import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openChosenSpool, type SpoolTarget } from '../../src/commands/trace/spool-flags.ts';
import { expectProblem, problemOf } from '../support/problem.ts';

const url = 'http://logger.example:8081';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kernelscope-flags-'));
  vi.stubEnv('STATE_DIRECTORY', '');
  vi.stubEnv('XDG_STATE_HOME', root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Opens what the flags choose, and gives it with what was said. */
function open(flags: Partial<SpoolTarget>) {
  const said: string[] = [];
  const target = { 'no-spool': false, 'spool-max-size': 1e6, 'spool-max-age': 60e9, ...flags };
  const spool = openChosenSpool(target, url, (line) => said.push(line));
  spool?.close();
  return { spool, said };
}

test('batches wait in the state directory, by logger, within the limits', () => {
  const { spool, said } = open({});
  expect(spool?.folder).toMatch(new RegExp(`^${root}/kernelscope/spool/logger\\.example_8081-`));
  expect([spool?.limits, said]).toEqual([{ maxBytes: 1e6, maxAgeMs: 60_000 }, []]);
});

test('they wait where it was said, and nowhere where nowhere was said', () => {
  expect(open({ spool: join(root, 'own') }).spool?.folder).toContain(join(root, 'own/logger.example'));
  expect(open({ 'no-spool': true })).toEqual({ spool: undefined, said: [] });
  expect(existsSync(join(root, 'kernelscope'))).toBe(false);
});

test('a folder that was named must do; one that nobody named is done without, and that is said', () => {
  writeFileSync(join(root, 'file'), '');
  expectProblem(
    problemOf(() => open({ spool: join(root, 'file') })),
    'permission_denied',
    join(root, 'file'),
  );
  vi.stubEnv('XDG_STATE_HOME', join(root, 'file'));
  const { spool, said } = open({});
  expect(spool).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/cannot be used: .* kept in memory alone/)]);
  // The folder of a systemd unit was named by the unit.
  vi.stubEnv('STATE_DIRECTORY', join(root, 'file'));
  expectProblem(
    problemOf(() => open({})),
    'spool_unusable',
    join(root, 'file'),
  );
});
