import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { whyNoTerminal } from '../../support/run-in-terminal.ts';
import { binary, buildIfStale, runBinary, temporaryFolder } from './run-binary.ts';

const { version } = createRequire(import.meta.url)('../../../package.json');
const versionLine = `kernelscope/${version} linux-${process.arch} node-${process.version}\n`;

beforeAll(buildIfStale, 170_000);

test('--version names the program, its version and the Node inside', () => {
  const { exitCode, stdout, stderr } = runBinary(['--version']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe(versionLine);
});

test('--help lists the topics', () => {
  const { exitCode, stdout, stderr } = runBinary(['--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^TOPICS\n(?: {2}.*\n)* {2}db /m);
});

test('an unknown command ends with exit code 2 and the way to help', () => {
  const { exitCode, stdout, stderr } = runBinary(['quarry']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain("there is no command 'quarry'");
  expect(stderr).toContain('kernelscope --help');
});

test('nothing is left in the folder it runs in', () => {
  using folder = temporaryFolder();
  runBinary(['--help'], { cwd: folder.path });
  expect(readdirSync(folder.path)).toEqual([]);
});

test('NODE_OPTIONS does not reach the Node inside', () => {
  using folder = temporaryFolder();
  const trap = join(folder.path, 'trap.cjs');
  writeFileSync(trap, "require('node:fs').writeFileSync(__dirname + '/caught', '')");
  const { exitCode } = runBinary(['--version'], {
    env: { NODE_OPTIONS: `--require=${trap} --no-such-option` },
  });
  expect(exitCode).toBe(0);
  expect(readdirSync(folder.path)).toEqual(['trap.cjs']);
});

test('options of Node are options of the command', () => {
  const { exitCode, stderr } = runBinary(['--inspect']);
  expect(exitCode).toBe(2);
  expect(stderr).not.toContain('Debugger listening');
});

test('a module that lies in the folder it runs in is not loaded', () => {
  using folder = temporaryFolder();
  const trap = "require('node:fs').writeFileSync(process.cwd() + '/caught', '')";
  for (const name of ['typescript.js', 'index.js', 'oclif.config.js'])
    writeFileSync(join(folder.path, name), trap);
  const before = readdirSync(folder.path);
  runBinary(['--help'], { cwd: folder.path });
  expect(readdirSync(folder.path)).toEqual(before);
});

test('a reader that has gone ends it quietly', async () => {
  const child = spawn(binary, ['--help'], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test.skipIf(whyNoTerminal !== undefined)(
  `questions are asked in a terminal${whyNoTerminal ? ` (skipped: ${whyNoTerminal})` : ''}`,
  () => {
    using folder = temporaryFolder();
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: folder.path, SHELL: '/bin/sh', TERM: 'xterm' };
    const file = join(folder.path, 'records.db');
    runBinary(['db', 'init', '--sqlite', file], { env });
    const command = `'${binary}' category drop offcputime --sqlite '${file}'`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      env,
      input: 'n\n',
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stripVTControlCharacters(stdout)).toContain('Delete category offcputime and its 0 records?');
  },
);

test('a code cache that V8 rejects costs time only', () => {
  using folder = temporaryFolder();
  const cache = readFileSync(join(binary, '../binary/main.cache'));
  const bytes = readFileSync(binary);
  const start = bytes.indexOf(cache);
  expect(start).toBeGreaterThan(0);
  // The second word of a cache is the hash of the V8 that made it.
  bytes.writeUInt32LE(~cache.readUInt32LE(4) >>> 0, start + 4);
  const program = join(folder.path, 'kernelscope');
  writeFileSync(program, bytes, { mode: 0o755 });
  const { exitCode, stdout } = runBinary(['--version'], { program });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: versionLine });
});
