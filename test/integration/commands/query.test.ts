import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { offcputime } from '../../../src/core/category/index.ts';
import { openStore } from '../../../src/core/store/index.ts';
import { expectGolden } from '../../support/expect-golden.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, type Surroundings } from '../../support/run-command.ts';
import { makeDatabaseFile, startServices, type TestServices } from '../../support/run-services.ts';
import { batchOf, offcputimeBatch } from '../../support/sample-batch.ts';
import { everything } from '../../support/sample-categories.ts';
import { makeFolder } from '../../support/test-database.ts';

const { folder, remove } = await makeFolder();
const file = await makeDatabaseFile(folder, [everything]);
let services: TestServices;

beforeAll(async () => {
  const store = await openStore({ backend: 'sqlite', address: file });
  const rows = offcputimeBatch(
    [
      [
        'dd',
        1,
        'entry_SYSCALL_64;do_syscall_64;__x64_sys_write;btrfs_file_write_iter;wait_for_space;schedule',
        5_123_456,
      ],
      ['kworker/u16:3', 2, 'ret_from_fork;kthread;worker_thread;schedule', 999],
      ['\u001b[31mfio', 3, 'sys_read', 7_200_000_000_000],
    ],
    { lost: 5, labels: { kernel: 'v6.12' } },
  );
  await store.append([{ batch: rows }, { batch: batchOf(3000, { hostname: 'other', lost: 7, timeUs: 0 }) }]);
  await store.close();
  services = await startServices(file);
});
afterAll(async () => {
  await services.close();
  await remove();
});

const query = (args: readonly string[], surroundings?: Surroundings) =>
  kernelscope(['query', '--sqlite', file, ...args], surroundings);
const destiny = ['--host', 'destiny', '--sort', 'pid'];

describe('what comes out', () => {
  test('is a table of the records on stdout, and how many and how many were lost on stderr', async () => {
    const ended = await query(destiny);
    expect(ended.exitCode).toBe(0);
    expectGolden('commands/query.txt', ended.stdout);
    expect(ended.stderr).toBe('3 records, 5 lost\n');
  });

  test('has no colour where it does not go to a terminal, whatever the environment says', async () => {
    const { stdout } = await query([...destiny, '--limit', '1'], {
      env: { FORCE_COLOR: '3', TERM: 'xterm-256color' },
    });
    expect(stdout).not.toContain('\u001b');
  });

  test.each(['json', 'ndjson', 'csv', 'tsv'])('in %s is the records alone', async (format) => {
    const ended = await query([...destiny, '--format', format]);
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expectGolden(`commands/query.${format}`, ended.stdout);
  });

  test('of --json is the records as --format json has them', async () => {
    const ended = await query([...destiny, '--json']);
    const formatted = await query([...destiny, '--format', 'json']);
    expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(formatted.stdout));
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
  });

  test('is what was selected, sorted, limited and asked for', async () => {
    const select = ['--select', 'process, elapsed', '--format', 'tsv'];
    const where = 'elapsed > 1ms and (stack contains btrfs or process ~ fio)';
    expect((await query([...select, '--where', where, '--sort', '-elapsed', '--limit', '1'])).stdout).toBe(
      'process\telapsed\n\u001b[31mfio\t7200000000000\n',
    );
    const labelled = await query([...select, '--label', 'kernel=v6.12', '--sort', 'elapsed', '--limit', '1']);
    expect(labelled.stdout).toBe('process\telapsed\nkworker/u16:3\t999\n');
    const since = await query([
      '--select',
      'pid',
      '--since',
      '2016-10-24',
      '--until',
      '2016-10-25',
      '--format',
      'tsv',
    ]);
    expect(since.stdout).toBe('pid\n1\n2\n3\n');
  });

  test.each([
    [['--sort', 'stack'], '1 2 3'],
    [['--sort', '-stack,pid'], '3 2 1'],
    [['--sort=-stack'], '3 2 1'],
    [['--sort', '-pid'], '3 2 1'],
  ])('of %j is in that order, also where a flag has the first letter of the column', async (sort, pids) => {
    const ended = await query(['--host', 'destiny', '--select', 'pid', '--format', 'tsv', ...sort]);
    expect([ended.exitCode, ended.stdout.trimEnd().replaceAll('\n', ' ')]).toEqual([0, `pid ${pids}`]);
  });

  test('of nothing is nothing, and no failure', async () => {
    const ended = await query(['--where', 'process = nonesuch']);
    expect(ended).toEqual({
      exitCode: 0,
      stdout: 'hostname  time  process  pid  stack  elapsed  count  max  state\n',
      stderr: '0 records, 12 lost\n',
    });
    expect((await query(['--where', 'process = nonesuch', '--json'])).stdout).toBe('[]\n');
    expect((await query(['--limit', '0', '--format', 'ndjson'])).stdout).toBe('');
  });

  test('of another category has its columns', async () => {
    const { stdout } = await query(['--category', 'everything', '--format', 'csv']);
    expect(stdout).toBe('hostname,time,label,note,trace,waker,size,delta,latency,wait,started,ended\r\n');
  });
});

describe('groups', () => {
  test('are a table, and how many they and their records are', async () => {
    const ended = await query([
      '--group-by',
      'process',
      '--agg',
      'count,sum(elapsed),p99(elapsed)',
      '--limit',
      '2',
    ]);
    expect(ended).toEqual({
      exitCode: 0,
      stdout: [
        'process  count  sum(elapsed)  p99(elapsed)',
        'p0         429        643 ms       2.97 ms',
        'p1         429        643 ms       2.97 ms',
        '',
      ].join('\n'),
      stderr: '2 of 10 groups, 3,003 records, 12 lost\n',
    });
  });

  test.each<[readonly string[], string]>([
    [
      ['--group-by', 'hostname,time:1d', '--format', 'csv'],
      'hostname,time,count\r\ndestiny,2016-10-24T00:00:00.000000Z,3\r\nother,1970-01-01T00:00:00.000000Z,3000\r\n',
    ],
    [
      ['--group-by', 'leaf', '--host', 'destiny', '--format', 'tsv', '--sort', '-leaf'],
      'leaf\tcount\nsys_read\t1\nschedule\t2\n',
    ],
    [
      ['--agg', 'sum(pid),avg(pid)', '--at', '2016-10-24 17:12', '--format', 'ndjson'],
      '{"sum(pid)":6,"avg(pid)":2}\n',
    ],
    [['--distinct', '--select', 'hostname', '--format', 'tsv'], 'hostname\ndestiny\nother\n'],
    [
      [
        '--group-by',
        'stack',
        '--agg',
        'sum(elapsed)',
        '--label',
        'kernel=v6.12',
        '--format',
        'folded',
        '--limit',
        '1',
      ],
      'sys_read 7200000000000\n',
    ],
    [
      [
        '--select',
        'pid',
        '--sort',
        'pid',
        '--where',
        'hostname = other',
        '--offset',
        '2',
        '--limit',
        '2',
        '--format',
        'tsv',
      ],
      'pid\n2\n3\n',
    ],
  ])('%j', async (args, stdout) => {
    expect(await query(args)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  test('are drawn', async () => {
    const ended = await query([
      '--group-by',
      'process',
      '--agg',
      'sum(elapsed)',
      '--format',
      'chart',
      ...destiny.slice(0, 2),
    ]);
    expectGolden('commands/query-chart.txt', ended.stdout);
    expect(ended.stderr).toBe('3 groups, 3 records, 5 lost\n');
  });

  test('a quick look is at every column', async () => {
    const ended = await query(['--stats', '--host', 'destiny']);
    expectGolden('commands/query-stats.txt', ended.stdout);
    const lines = (await query(['--stats', '--host', 'destiny', '--json'])).stdout;
    expect((JSON.parse(lines) as readonly { column: string }[]).map(({ column }) => column)).toEqual(
      offcputime.columns.map(({ name }) => name),
    );
  });
});

test('a web service answers as the database does', async () => {
  for (const args of [
    [
      '--group-by',
      'process,time:1h',
      '--agg',
      'count,max(elapsed),p50(pid),hist(pid)',
      '--format',
      'csv',
      '--offset',
      '1',
    ],
    ['--group-by', 'leaf', '--sort', 'leaf', '--limit', '3'],
    ['--stats', '--format', 'ndjson'],
    [...destiny, '--format', 'ndjson'],
    ['--where', 'pid >= 2990 and time < 2000-01-01', '--format', 'csv', '--sort', '-pid'],
    ['--label', 'kernel=v6.12', '--json'],
  ]) {
    const remote = await kernelscope(['query', '--server', services.webUrl, ...args]);
    expect(remote).toEqual(await query(args));
  }
  const many = await kernelscope(['query', '--server', services.webUrl, '--json']);
  expect(JSON.parse(many.stdout)).toHaveLength(3003);
});

test('the database is found by its flag, then the environment, then where data is kept', async () => {
  const env = { KERNELSCOPE_DB: file };
  const args = ['query', '--limit', '1', '--select', 'pid', '--sort', '-pid', '--format', 'tsv'];
  expect((await kernelscope(args, { env })).stdout).toBe('pid\n2999\n');
  expect((await kernelscope(args, { env: { KERNELSCOPE_DB: `sqlite:${file}` } })).stdout).toBe('pid\n2999\n');
  expect((await kernelscope(args, { env: { KERNELSCOPE_DB: services.webUrl } })).stdout).toBe('pid\n2999\n');
  const data = join(folder, 'data');
  const missing = await kernelscope(args, { env: { XDG_DATA_HOME: data } });
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toContain(join(data, 'kernelscope'));
});

describe('a closed pipe', () => {
  const run = promisify(execFile);

  test.each(['ndjson', 'csv', 'json', 'table'])('ends %s quietly', async (format) => {
    const script = `"$1" --disable-warning=ExperimentalWarning "$2" query --sqlite "$3" --format ${format} | head -n 2; echo "\${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await run('bash', [
      '-c',
      script,
      'bash',
      process.execPath,
      join(projectRoot, 'bin/dev.js'),
      file,
    ]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('0 0');
    expect(stderr.replace(/^.* records, .* lost\n$/, '')).toBe('');
  });
});

describe('what is wrong is said on stderr, with the remedy, and by the exit code', () => {
  test.each<[string, readonly string[], number, readonly string[]]>([
    [
      'an unknown column',
      ['--where', 'elpased > 5ms'],
      2,
      ["no column 'elpased'", '\n  elpased > 5ms\n  ^\n', "did you mean 'elapsed'?"],
    ],
    [
      'an unknown operator',
      ['--where', 'pid == 5'],
      2,
      ["there is no operator '=='", '\n      ^\n', "did you mean '='?"],
    ],
    ['a value of another type', ['--where', 'pid = dd'], 2, ["'dd'"]],
    ['a regular expression that is none', ['--where', "process ~ '('"], 2, ['is not a regular expression']],
    ['an unknown column to select', ['--select', 'pid,nonesuch'], 2, ["no column 'nonesuch'"]],
    ['no column to select', ['--select', ','], 2, ['--select']],
    ['an unknown column to sort by', ['--sort', '-nonesuch'], 2, ["no column 'nonesuch'"]],
    ['a group by nothing known', ['--group-by', 'proces'], 2, ["'proces'", "did you mean 'process'?"]],
    ['nothing known to work out', ['--agg', 'median(pid)'], 2, ["'median(pid)'", 'p50(x)']],
    ['an order of what the answer has not', ['--agg', 'count', '--sort', 'pid'], 2, ["no column 'pid'"]],
    ['groups of selected columns', ['--agg', 'count', '--select', 'pid'], 2, ['--select']],
    ['a chart of single records', ['--format', 'chart'], 2, ['--group-by']],
    [
      'a regular expression that no record is asked by',
      ['--where', "process = nonesuch and stack ~ '('"],
      2,
      ['is not a regular expression', `\n  ${' '.repeat(31)}^\n`],
    ],
    ['an unknown category', ['--category', 'offcpu'], 2, ["no category 'offcpu'", 'offcputime']],
    ['an unknown format', ['--format', 'xml'], 2, ['xml', 'ndjson']],
    ['a limit that is none', ['--limit', 'x'], 2, ['--limit']],
    ['a limit below none', ['--limit', '-1'], 2, ['limit']],
    ['a time that is none', ['--since', 'yesterday'], 2, ["'yesterday'"]],
    ['a label that is none', ['--label', 'kernel'], 2, ["'kernel'", 'kernel=v6.12']],
    ['an unknown flag', ['--nonesuch'], 2, ['--nonesuch']],
    ['an argument too many', ['extra'], 2, ['extra']],
    ['two places for records', ['--server', 'http://localhost:1'], 2, ['--sqlite and --server']],
  ])('%s', async (_what, args, exitCode, says) => {
    const ended = await query(args);
    expect([ended.exitCode, ended.stdout]).toEqual([exitCode, '']);
    expect(ended.stderr).toMatch(/^kernelscope: /);
    for (const text of says) expect(ended.stderr).toContain(text);
    expect(ended.stderr).not.toContain('    at ');
  });

  test('with --json it is JSON on stdout', async () => {
    const ended = await query(['--json', '--where', 'elpased > 5ms']);
    expect([ended.exitCode, ended.stderr]).toEqual([2, '']);
    expect(JSON.parse(ended.stdout)).toEqual({
      error: {
        code: 'unknown_column',
        message: "category 'offcputime' has no column 'elpased'\nelpased > 5ms\n^",
        suggestions: [
          "did you mean 'elapsed'?",
          'there are: hostname, time, process, pid, stack, elapsed, count, max, state',
        ],
      },
    });
  });

  test('two formats at once', async () => {
    const ended = await query(['--json', '--format', 'csv']);
    expect([ended.exitCode, JSON.parse(ended.stdout).error.code]).toEqual([2, 'usage']);
    expect((await query(['--json', '--format', 'json', '--limit', '0'])).stdout).toBe('[]\n');
  });

  test('nothing that was typed or stored reaches the terminal as a command to it', async () => {
    const { stderr } = await query(['--where', 'process = "\u001b]0;owned\u0007" x']);
    expect([...stderr].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
    const { stdout } = await query(destiny);
    expect(stdout).toContain('\\x1b[31mfio');
  });

  test('a database that is missing, none, or a folder', async () => {
    const missing = await kernelscope(['query', '--sqlite', join(folder, 'nonesuch.db')]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('kernelscope db init --sqlite');
    const other = join(folder, 'other.txt');
    writeFileSync(other, 'not a database, but text '.repeat(100));
    expect(await kernelscope(['query', '--sqlite', other])).toMatchObject({ exitCode: 2, stdout: '' });
    mkdirSync(join(folder, 'sub'));
    expect(await kernelscope(['query', '--sqlite', join(folder, 'sub')])).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
  });

  test('a service that is not there, is another one, or wants a token', async () => {
    const away = await kernelscope(['query', '--server', 'http://127.0.0.1:1']);
    expect(away.exitCode).toBe(69);
    expect(away.stderr).toContain('kernelscope serve web');

    const other = createServer((_request, response) => response.end('<html>hello</html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = `http://127.0.0.1:${(other.address() as { port: number }).port}`;
    const wrong = await kernelscope(['query', '--server', address]);
    expect(wrong.exitCode).toBe(69);
    expect(wrong.stderr).toContain('the address must be that of a kernelscope web service');

    const logger = await kernelscope(['query', '--server', services.loggerUrl]);
    expect([logger.exitCode, logger.stdout]).toEqual([2, '']);

    expect((await kernelscope(['query', '--server', 'localhost:8080'])).stderr).toContain('http://HOST:8080');

    const guarded = await startServices(file, { token: 'geheim' });
    onTestFinished(() => guarded.close());
    const args = ['query', '--server', guarded.webUrl, '--limit', '1', '--format', 'ndjson'];
    expect((await kernelscope(args)).exitCode).toBe(77);
    expect((await kernelscope(args, { env: { KERNELSCOPE_TOKEN: 'x' } })).exitCode).toBe(77);
    expect((await kernelscope(args, { env: { KERNELSCOPE_TOKEN: 'geheim' } })).exitCode).toBe(0);
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'geheim\n');
    expect((await kernelscope([...args, '--token-file', tokenFile])).exitCode).toBe(0);
    expect((await kernelscope([...args, '--token-file', join(folder, 'nonesuch')])).exitCode).toBe(2);
  });
});
