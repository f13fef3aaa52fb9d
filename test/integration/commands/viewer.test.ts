import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cellsOf } from '../../../src/core/render/text-cells.ts';
import { projectRoot } from '../../support/read-module.ts';
import { kernelscope, plainEnvironment } from '../../support/run-command.ts';
import { temporaryFolder } from '../../support/test-database.ts';
import { TmuxTerminal, whyNoTmux } from '../../support/tmux-terminal.ts';

const recording = join(projectRoot, 'test/fixtures/recordings/switches-real.folded.gz');
const program = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(projectRoot, 'bin/dev.js')}'`;
const keysLine = /Enter zoom · Esc back/;
const asItWas = { otherScreen: false, cursor: true, mouse: false };

/**
 * Runs the viewer in a shell that compares the terminal's settings before and after, and says how it ended. Under
 * `pid` in its folder is the viewer's process.
 */
async function openViewer(
  size: { readonly columns: number; readonly rows: number },
  {
    command = `exec ${program} flamegraph '${recording}' -i`,
    env = {},
  }: { readonly command?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly terminal: TmuxTerminal; readonly signal: (name: NodeJS.Signals) => void }> {
  const folder = await temporaryFolder();
  const pidFile = join(folder, 'pid');
  const script = [
    'echo BEFORE',
    'before=$(stty -g)',
    `sh -c 'echo $$ > ${pidFile}; ${command.replaceAll("'", "'\\''")}'`,
    'echo ENDED WITH $?',
    '[ "$before" = "$(stty -g)" ] && echo SAME SETTINGS || echo OTHER SETTINGS',
  ].join('\n');
  const terminal = await TmuxTerminal.open(script, size, { ...plainEnvironment, ...env });
  onTestFinished(() => terminal.close());
  return {
    terminal,
    signal: (name) => {
      process.kill(Number(readFileSync(pidFile, 'utf8')), name);
    },
  };
}

async function expectRestored(terminal: TmuxTerminal, exitCode: number): Promise<readonly string[]> {
  const lines = await terminal.untilShows(/(SAME|OTHER) SETTINGS/);
  const text = lines.join('\n');
  expect(text).toContain('BEFORE');
  expect(text).toContain(`ENDED WITH ${exitCode}`);
  expect(text).toContain('SAME SETTINGS');
  expect(await terminal.modes()).toEqual(asItWas);
  return lines;
}

describe.skipIf(whyNoTmux !== undefined)(`the viewer in a terminal ${whyNoTmux ?? ''}`, () => {
  test('80 x 24: walks, zooms, searches, lists and inverts by keys, and q ends it', async () => {
    const { terminal } = await openViewer({ columns: 80, rows: 24 });
    const first = await terminal.untilShows(keysLine);
    expect(first).toHaveLength(24);
    expect(await terminal.modes()).toEqual({ otherScreen: true, cursor: false, mouse: true });
    expect(first[2]).toMatch(/root [\d,]+ 100%/);
    await terminal.press('j', 'Enter');
    await terminal.untilShows(/^Flame graph.*\n(?!\n)\S+/);
    await terminal.press('0', '/');
    await terminal.send('futex');
    await terminal.untilShows(/\/futex_/);
    await terminal.press('Enter');
    await terminal.untilShows(/\/futex: [\d,]+ found, .*n N next, previous/);
    await terminal.press('Escape');
    await terminal.untilShows(keysLine);
    await terminal.press('t');
    await terminal.untilShows(/^> +[\d,]+ /m);
    await terminal.press('t', 'i');
    await terminal.untilShows(/^Flame graph .* · inverted/);
    await terminal.press('q');
    await expectRestored(terminal, 0);
  });

  test('200 x 50: the mouse chooses and zooms in 256 colours, and Ctrl-C ends it', async () => {
    const { terminal } = await openViewer({ columns: 200, rows: 50 });
    expect(await terminal.untilShows(keysLine)).toHaveLength(50);
    expect((await terminal.screen(true)).join('\n')).toMatch(/\u001b\[[\d;]*48;5;\d+/);
    const click = '\u001b[<0;3;4M';
    await terminal.send(click);
    await terminal.untilShows(/\n(?!root)\S+ · [\d,]+ · .* of total\n.*Enter zoom/);
    await terminal.send(click);
    await terminal.untilShows(/^Flame graph.*\n(?!\n)\S+/);
    await terminal.press('C-c');
    await expectRestored(terminal, 0);
  });

  test('40 x 10: plain under NO_COLOR, follows the size, and SIGTERM ends it in order', async () => {
    const { terminal, signal } = await openViewer({ columns: 40, rows: 10 }, { env: { NO_COLOR: '1' } });
    expect(await terminal.untilShows(/Enter zoom/)).toHaveLength(10);
    expect((await terminal.screen(true)).join('\n')).not.toContain('\u001b[');
    await terminal.resize(100, 30);
    const wide = await terminal.untilShows(/Enter zoom .* q quit/);
    expect(wide[29]).toContain('q quit');
    await terminal.resize(30, 8);
    const narrow = await terminal.untilShows(/Enter zoom[^?]*$/);
    expect(narrow).toHaveLength(8);
    for (const line of narrow) expect(cellsOf(line)).toBeLessThanOrEqual(30);
    signal('SIGTERM');
    await expectRestored(terminal, 143);
  });

  test('a crash leaves the terminal as it was, with what the matter is in it', async () => {
    const folder = await temporaryFolder();
    const crash = join(folder, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('crashed on purpose'); });\n");
    const { terminal, signal } = await openViewer(
      { columns: 80, rows: 24 },
      { env: { NODE_OPTIONS: `--import=${crash}` } },
    );
    await terminal.untilShows(keysLine);
    signal('SIGUSR2');
    await terminal.untilShows(/SETTINGS/);
    expect((await terminal.screen()).join('\n')).toContain('crashed on purpose');
    expect((await terminal.screen()).join('\n')).toContain('SAME SETTINGS');
    expect(await terminal.modes()).toEqual(asItWas);
  });

  test('Ctrl-Z gives the terminal back for as long as the viewer is stopped', async () => {
    const command = `set -m; ${program} flamegraph '${recording}' -i; echo STOPPED; read line; fg`;
    const { terminal } = await openViewer({ columns: 80, rows: 24 }, { command });
    await terminal.untilShows(keysLine);
    await terminal.press('C-z');
    await terminal.untilShows(/STOPPED/);
    expect(await terminal.modes()).toEqual(asItWas);
    await terminal.press('Enter');
    await terminal.untilShows(keysLine);
    await terminal.press('j', 'q');
    await expectRestored(terminal, 0);
  });

  test('stacks may come from stdin, and a viewer whose terminal is gone ends', async () => {
    const done = join(await temporaryFolder(), 'done');
    const command = `trap "" HUP; gzip -dc '${recording}' | ${program} flamegraph - -i; echo over > '${done}'`;
    const { terminal } = await openViewer({ columns: 80, rows: 24 }, { command });
    await terminal.untilShows(keysLine);
    await terminal.press('j');
    await terminal.untilShows(/\n(?!root)\S.* of total\n/);
    await terminal.close();
    await expect.poll(() => existsSync(done), { timeout: 60_000 }).toBe(true);
  });
});

test('without a terminal it says so', async () => {
  const ended = await kernelscope(['flamegraph', recording, '-i']);
  expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ended.stderr).toContain('--format text');
});
