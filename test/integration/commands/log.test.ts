import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, createWriteStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDeclaration } from '../../../src/core/category/read-declaration.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { countRows, makeDatabaseFile, startServices } from '../../support/run-services.ts';
import { temporaryFolder } from '../../support/test-database.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';

const requests = readDeclaration({ name: 'requests', columns: ['process:string', 'latency:elapsed:us'] });
const samples = readDeclaration({ name: 'samples', columns: ['process:string', 'stack:stack', 'count:int'] });
const fixture = join(projectRoot, 'test/fixtures/records/samples-0.17.bpftrace.json');

async function databaseOfTest(): Promise<string> {
  return makeDatabaseFile(await temporaryFolder(), [requests, samples]);
}

describe('log', () => {
  test('shows what would go where, stores it, and it is drawn', async () => {
    const file = await databaseOfTest();
    const log = (...args: readonly string[]) =>
      kernelscope(['log', '-c', 'samples', '--sqlite', file, ...args]);
    const tried = await log('--dry-run', fixture);
    expect(tried.stdout).toMatch(/^process +string +key1 +dd$/m);
    expect(tried.stdout).toMatch(/^count +int +count +\d+$/m);
    expect(countRows(file, 'samples_row')).toBe(0);
    const stored = await log('--label', 'run=a', '--host', 'db1', '--key', 'one', fixture);
    expect(stored).toMatchObject({ exitCode: 0, stdout: '' });
    const rows = countRows(file, 'samples_row');
    expect(stored.stderr).toContain(`${rows} records stored in ${file}, 0 events lost`);
    // A name for the input makes logging it again harmless.
    await log('--host', 'db1', '--key', 'one', fixture);
    expect(countRows(file, 'samples_row')).toBe(rows);
    const folded = await kernelscope([
      ...['flamegraph', '-c', 'samples', '--weight', 'count', '--format', 'folded', '--sqlite', file],
      ...['--label', 'run=a', '--host', 'db1'],
    ]);
    expect(folded.stdout).toMatch(
      /^entry_SYSCALL_64_after_hwframe;do_syscall_64;ksys_read;vfs_read;read_zero \d+$/m,
    );
  });

  test('a bad line is named and nothing is stored, however much came before it', async () => {
    const file = await databaseOfTest();
    const good = Array.from({ length: 30_000 }, (_, at) => `p${at % 5},${at}\n`).join('');
    const input = `process,latency\n${good}dd,soon\n`;
    const log = (...args: readonly string[]) =>
      kernelscope(['log', '-c', 'requests', '--sqlite', file, ...args], { input });
    expect(await log()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        "line 30002: column 'latency', from 'latency': 'soon' is not a duration",
      ),
    });
    expect(countRows(file, 'requests_row')).toBe(0);
    const skipped = await log('--skip-bad', '--json');
    expect(JSON.parse(skipped.stdout)).toEqual({ records: 30_000, batches: 6, bad: 1, lost: 0 });
    expect(skipped.stderr).toContain('skipped 1 bad line, the first: line 30002');
    expect(countRows(file, 'requests_row')).toBe(30_000);
  });

  test('sends to a logger, by its categories, gzipped input too', async () => {
    const folder = await temporaryFolder();
    const file = await makeDatabaseFile(folder, [requests]);
    const services = await startServices(file, { token: 'secret' });
    try {
      const input = join(folder, 'input.ndjson.gz');
      writeFileSync(input, gzipSync('{"comm": "dd", "us": 5}\n{"comm": "fio", "us": 7}\n'));
      const args = ['log', '-c', 'requests', '--map', 'process=comm', '--map', 'latency=us', input];
      const env = { KERNELSCOPE_LOGGER: services.loggerUrl, KERNELSCOPE_TOKEN: 'secret' };
      expect(await kernelscope(args, { env })).toMatchObject({
        exitCode: 0,
        stderr: `2 records sent to ${services.loggerUrl}, 0 events lost\n`,
      });
      expect(countRows(file, 'requests_row')).toBe(2);
      expect(await kernelscope(args, { env: { ...env, KERNELSCOPE_TOKEN: 'other' } })).toMatchObject({
        exitCode: 77,
      });
      expect(await kernelscope(['log', '-c', 'requestst', input], { env })).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("did you mean 'requests'?"),
      });
      expect(services.bugs).toEqual([]);
    } finally {
      await services.close();
    }
  });

  test('live, records are stored while the input goes on', async () => {
    const file = await databaseOfTest();
    const store = await openStore({ backend: 'sqlite', address: file });
    // The program before it ends when it sees what was stored of its first lines.
    const producer = `echo '{"process": "a", "latency": 1}'
      until [ "$(sqlite3 '${file}' 'select count(*) from requests_row')" = 1 ]; do sleep 0.1; done
      echo '{"process": "b", "latency": 2}'`;
    const words = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'bin/dev.js'),
    ];
    const script = `{ ${producer}; } | '${words.join("' '")}' log -c requests --live --sqlite '${file}'`;
    const { status, stderr } = spawnSync('bash', ['-c', script], {
      env: plainEnvironment,
      encoding: 'utf8',
      timeout: 100_000,
    });
    expect([status, stderr]).toEqual([0, expect.stringContaining('2 records')]);
    expect((await store.status()).rows).toEqual({ requests: 2 });
    await store.close();
  });

  test('an input larger than the memory for it is read to its end, and held back', async () => {
    const file = await databaseOfTest();
    const input = join(await temporaryFolder(), 'input.ndjson');
    // Records of a kilobyte, 80 MB of them, where 64 MB may be used for what JavaScript holds.
    const stack = Array.from({ length: 70 }, (_, frame) => `function_${frame}`).join(';');
    const line = (count: number) => `${JSON.stringify({ process: 'dd', stack, count })}\n`;
    for (let from = 0; from < 80_000; from += 10_000)
      appendFileSync(input, Array.from({ length: 10_000 }, (_, at) => line(from + at)).join(''));
    appendFileSync(input, 'nonsense\n');
    const ended = await kernelscope(['log', '-c', 'samples', '--sqlite', file, input], {
      env: { NODE_OPTIONS: '--max-old-space-size=64' },
    });
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('line 80001: ') });
    expect(countRows(file, 'samples_row')).toBe(0);
  });

  test('a file that is not there, or none, is said to be', async () => {
    const file = await databaseOfTest();
    for (const input of ['/nonexistent.ndjson', tmpdir()])
      expect(await kernelscope(['log', '-c', 'samples', '--sqlite', file, input])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(`kernelscope: ${input} cannot be read`),
      });
  });

  test('lines of text are told by their pattern, whatever else they look like', async () => {
    const file = await databaseOfTest();
    const args = ['log', '-c', 'requests', '--sqlite', file, '--dry-run', '--json'];
    const pattern = '^(?<process>\\S+) (?<latency>\\d+)$';
    const { stdout, stderr } = await kernelscope([...args, '--pattern', pattern], { input: 'dd 5\n' });
    expect(JSON.parse(stdout)).toMatchObject({ format: 'lines', records: 1 });
    expect(stderr).toContain('1 record could be stored; nothing was');
  });

  test('an input without records is told from one that was stored', async () => {
    const file = await databaseOfTest();
    expect(await kernelscope(['log', '-c', 'requests', '--sqlite', file], { input: '' })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('no records'),
    });
  });
});

describe.skipIf(whyNoTmux !== undefined)(`log in a terminal ${whyNoTmux ?? ''}`, () => {
  /** Logs what a pipe brings that stays open, in a terminal. */
  async function logInTerminal(file: string, command: (pipe: string, log: string) => string) {
    const pipe = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const words = [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      join(projectRoot, 'bin/dev.js'),
    ];
    const log = `'${words.join("' '")}' log -c requests --sqlite '${file}'`;
    const terminal = await TmuxTerminal.open(
      `trap : INT; ${command(pipe, log)}; echo ENDED WITH $?`,
      { columns: 200, rows: 20 },
      { ...plainEnvironment },
    );
    onTestFinished(() => terminal.close());
    const writer = createWriteStream(pipe);
    onTestFinished(() => void writer.destroy());
    writer.write('{"process": "a", "latency": 1}\n{"process": "b", "latency": 2}\n');
    return { terminal, writer };
  }

  test('says how far it is, and at Ctrl-C that nothing was stored', async () => {
    const file = await databaseOfTest();
    const { terminal } = await logInTerminal(file, (pipe, log) => `${log} '${pipe}'`);
    await terminal.untilShows(/^2 records read, \d+ per second$/m);
    await terminal.press('C-c');
    const shown = (await terminal.untilShows(/ENDED WITH \d+/)).join('\n');
    expect(shown).toMatch(/stopped: 2 records read, nothing was stored\nENDED WITH 130$/m);
    expect(shown).not.toContain('per second');
    expect(countRows(file, 'requests_row')).toBe(0);
  });

  test('live, what came is stored at Ctrl-C', async () => {
    const file = await databaseOfTest();
    const { terminal } = await logInTerminal(file, (pipe, log) => `${log} --live '${pipe}'`);
    await terminal.untilShows(/^2 records read, [02] stored, \d+ per second$/m);
    await terminal.press('C-c');
    const shown = (await terminal.untilShows(/ENDED WITH \d+/)).join('\n');
    expect(shown).toMatch(/2 records stored in .*, 0 events lost\nENDED WITH 0$/m);
  });

  test('of a pipeline, what still comes is read, until Ctrl-C is pressed again', async () => {
    const file = await databaseOfTest();
    const { terminal, writer } = await logInTerminal(file, (pipe, log) => `cat '${pipe}' | ${log}`);
    await terminal.untilShows(/^2 records read/m);
    // The program before it ends by it, and with it the input.
    await terminal.press('C-c');
    expect((await terminal.untilShows(/ENDED WITH \d+/)).join('\n')).toMatch(
      /2 records stored in .*\nENDED WITH 0$/m,
    );
    writer.destroy();
    const other = await logInTerminal(file, (pipe, log) => `(trap '' INT; cat '${pipe}') | ${log}`);
    await other.terminal.untilShows(/^2 records read/m);
    await other.terminal.press('C-c');
    await other.terminal.untilShows(/reading what is left of the input; Ctrl-C again ends it at once/);
    await other.terminal.press('C-c');
    await other.terminal.untilShows(/stopped: /);
    other.writer.destroy();
    const shown = (await other.terminal.untilShows(/ENDED WITH \d+/)).join('\n');
    expect(shown).toMatch(/stopped: 2 records read, nothing was stored\nENDED WITH 130$/m);
  });
});

const example = /^## Your own data\n.*?^```console\n(.*?)^```$/ms.exec(
  readFileSync(join(projectRoot, 'README.md'), 'utf8'),
)![1]!;
const whyNot =
  process.getuid?.() !== 0 || spawnSync('bpftrace', ['--version']).status !== 0
    ? 'needs root and bpftrace'
    : undefined;

describe.skipIf(whyNot !== undefined)(
  `with bpftrace${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  () => {
    test('a new type of data from nothing to a flame graph, as the README says', async () => {
      const folder = await temporaryFolder();
      const program = [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        join(projectRoot, 'bin/dev.js'),
      ];
      const script = `kernelscope() { '${program.join("' '")}' "$@"; }\nkernelscope db init\n${example}`;
      const { status, stdout, stderr } = spawnSync('bash', ['-euc', script], {
        cwd: folder,
        env: { ...plainEnvironment, KERNELSCOPE_DB: join(folder, 'kernelscope.db') },
        // From a socket bash would read the user's settings first, as for a remote shell.
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
        timeout: 100_000,
      });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
      const picture = readFileSync(join(folder, 'samples.svg'), 'utf8');
      expect(picture).toContain('vfs_read');
      expect(statSync(join(folder, 'samples.svg')).size).toBeGreaterThan(1000);
    });
  },
);
