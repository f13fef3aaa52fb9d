import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** How long something may take to show on a machine that has other work to do. */
const PATIENCE_MS = 60_000;

/** Why no terminal can be driven here; undefined where one can. */
export const whyNoTmux: string | undefined = hasTmux() ? undefined : 'there is no tmux';

/** A real terminal that a shell command runs in, driven and read from outside by a tmux server of its own. */
export class TmuxTerminal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Runs a script of sh in a terminal of this size; the terminal stays when the script is over. */
  static async open(
    script: string,
    size: { readonly columns: number; readonly rows: number },
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(mkdtempSync(join(tmpdir(), 'kernelscope-tmux-')));
    const variables = Object.entries(env).filter(([, value]) => value !== undefined);
    await terminal.#tmux(
      '-f',
      '/dev/null',
      ...['new-session', '-d', '-x', String(size.columns), '-y', String(size.rows)],
      ...['env', '-i', 'TERM=screen-256color', ...variables.map(([name, value]) => `${name}=${value}`)],
      ...['sh', '-c', `${script}\nexec sleep 600`],
    );
    return terminal;
  }

  /** Presses keys, by their names in tmux. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Sends text as it is, such as what a terminal says of its mouse. */
  async send(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The lines that the terminal shows; with the escapes of their colours if asked for. */
  async screen(withColors = false): Promise<readonly string[]> {
    const shown = await this.#tmux('capture-pane', '-p', ...(withColors ? ['-e'] : []));
    return shown.split('\n').slice(0, -1);
  }

  /** Whether the terminal is on its other screen, shows the cursor, and reports the mouse. */
  async modes(): Promise<{
    readonly otherScreen: boolean;
    readonly cursor: boolean;
    readonly mouse: boolean;
  }> {
    const shown = await this.#tmux(
      'display-message',
      '-p',
      '#{alternate_on} #{cursor_flag} #{mouse_any_flag}',
    );
    const [otherScreen, cursor, mouse] = shown
      .trim()
      .split(' ')
      .map((flag) => flag === '1');
    return { otherScreen: otherScreen!, cursor: cursor!, mouse: mouse! };
  }

  /** Waits until the terminal shows something, and gives the lines that it shows then. */
  async untilShows(wanted: RegExp): Promise<readonly string[]> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const lines = await this.screen();
      if (wanted.test(lines.join('\n'))) return lines;
      if (Date.now() > deadline)
        throw new Error(`the terminal does not show ${wanted}:\n${lines.join('\n')}`);
      await wait(50);
    }
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-S', join(this.#folder, 'socket'), ...args], {
      timeout: PATIENCE_MS,
      env: { PATH: process.env.PATH, HOME: this.#folder, LC_ALL: 'C.UTF-8' },
    });
    return stdout;
  }
}

function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
