import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/read-module.ts';
import { plainEnvironment } from '../../support/run-command.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';
import { cannotTrace, titleOf } from '../bpf/support.ts';

const program = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(projectRoot, 'bin/dev.js'),
  'trace',
  'offcpu',
  '--ndjson',
];

interface Row {
  readonly process: string;
  readonly pid: number;
  readonly stack: string;
  readonly elapsed: number;
}

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernelscope-command-'));
  chmodSync(folder, 0o755);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command under the tracer, with `flags`, and gives what came of it. */
function traced(
  command: readonly string[],
  options: {
    readonly flags?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly input?: string;
  } = {},
) {
  const { flags = [], env = {}, input = '' } = options;
  const [file = '', ...args] = [...program, ...flags, '--', ...command];
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 100_000,
    env: { ...plainEnvironment, ...env },
    input,
  });
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"hostname"'))
    .map((line) => JSON.parse(line) as Row);
  return { status, stderr, rows };
}

describe.skipIf(cannotTrace)(titleOf('trace offcpu -- COMMAND'), () => {
  it('traces the command and its children, and nothing else, from the first block to the last', () => {
    const script = 'echo $$; (sleep 0.2); sh -c "sleep 0.3; true"; read line; echo "got $line"; sleep 0.1';
    const { status, stderr, rows } = traced(['sh', '-c', script], { input: 'a line\n' });
    expect(status, stderr).toBe(0);
    // Its input is this one's; its output goes where no records are.
    expect(stderr).toMatch(/^\d+\ngot a line\n$/);
    const shell = Number.parseInt(stderr, 10);
    const slept = rows.filter((row) => row.process === 'sleep' && row.stack.includes('nanosleep'));
    // The end of one in a thousand blocks is hidden from all tracers here.
    expect(slept.length).toBeGreaterThanOrEqual(2);
    for (const { elapsed } of slept) expect(elapsed).toBeGreaterThanOrEqual(100_000_000);
    expect(rows.some((row) => row.pid === shell && row.stack.includes('wait'))).toBe(true);
    expect(new Set(rows.map((row) => row.process))).toEqual(new Set(['sh', 'sleep']));
    // The shell read nothing that made it wait; what it waited for before its beginning is not of the command.
    expect(rows.filter((row) => /pipe_read|unix_stream/.test(row.stack))).toEqual([]);
  });

  it('exits as the command does', () => {
    expect(traced(['sh', '-c', 'kill -TERM $$']).status).toBe(143);
  });

  it('does not let the command begin where it cannot be traced', () => {
    const file = join(folder, 'begun');
    const { status, stderr } = traced(['touch', file], { flags: ['--idle', 'no_such_function'] });
    expect([status, stderr]).toEqual([2, expect.stringContaining('no_such_function')]);
    expect(existsSync(file)).toBe(false);
  });

  it('runs the command as the user who called sudo, with the groups of that user', () => {
    // In a mount namespace of its own, where nobody is in one more group.
    const group = readFileSync('/etc/group', 'utf8').replace(/^games:.*$/m, 'games:x:60:nobody');
    writeFileSync(join(folder, 'group'), group);
    const script = `mount --bind ${join(folder, 'group')} /etc/group && exec "$@"`;
    const args = ['-m', 'sh', '-c', script, 'sh', ...program, '--', 'sh', '-c', 'id -u; id -G; echo $HOME'];
    const { status, stderr } = spawnSync('unshare', args, {
      encoding: 'utf8',
      timeout: 100_000,
      env: { ...plainEnvironment, SUDO_UID: '65534', SUDO_GID: '65534' },
    });
    expect([status, stderr]).toEqual([0, '65534\n65534 60\n/nonexistent\n']);
  });

  it('hands a signal on, and ends with the command', async () => {
    const script = 'trap "exit 5" TERM; sleep 0.05; sleep 0.05; echo ready >&2; while :; do sleep 0.05; done';
    const [file = '', ...args] = [...program, '--', 'sh', '-c', script];
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: plainEnvironment });
    const exit = once(child, 'exit');
    const output = text(child.stdout);
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect(await exit).toEqual([5, null]);
    expect(await output).toContain('"process":"sleep"');
  });
});

describe.skipIf(cannotTrace || whyNoTmux !== undefined)(
  whyNoTmux === undefined
    ? titleOf('trace offcpu -- COMMAND in a terminal')
    : `trace offcpu -- COMMAND in a terminal (skipped: ${whyNoTmux})`,
  () => {
    it('leaves a Ctrl-C to the command, and stores what was measured', async () => {
      const script = [
        'n=0',
        'trap "n=\\$((n+1)); echo interrupts: \\$n; [ \\$n -lt 2 ] || exit 9" INT',
        'echo ready',
        'while :; do sleep 0.05; done',
      ].join('; ');
      const rows = join(folder, 'rows');
      const quoted = program.map((word) => `'${word}'`).join(' ');
      const terminal = await TmuxTerminal.open(
        // The shell of the terminal is not to end at once.
        `trap : INT; ${quoted} -- sh -c '${script}' > ${rows}; echo "status $?"`,
        { columns: 80, rows: 20 },
        plainEnvironment,
      );
      try {
        await terminal.untilShows(/ready/);
        await terminal.press('C-c');
        // Once for each time that the key was pressed.
        await terminal.untilShows(/interrupts: 1/);
        await terminal.press('C-c');
        const lines = await terminal.untilShows(/status \d+/);
        expect(lines.join('\n')).toContain('status 9');
        expect(readFileSync(rows, 'utf8')).toContain('"process":"sleep"');
      } finally {
        await terminal.close();
      }
    });
  },
);
