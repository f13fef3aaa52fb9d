import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import {
  enterScreen,
  type InputEvent,
  KernelscopeError,
  leaveScreen,
  paintScreen,
  readInput,
} from '../core/index.ts';
import { untilStopped } from './until-stopped.ts';

/** How long an ESC may wait for the rest of a sequence before it is the key, in ms. */
const ESC_WAIT_MS = 60;
/** How long it may take until a process that stops itself has stopped, in ms. */
const STOP_WAIT_MS = 100;
/** What signals are by number: a program that one has ended exits with 128 and the number. */
const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** How large a terminal is, in cells. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is shown on a terminal's screen, and what its user does with it. */
export interface ScreenView {
  /** The lines of the screen, one for each of its rows. */
  lines(): readonly string[];
  /** Takes what the keyboard or the mouse did. */
  take(event: InputEvent): void;
  resize(size: ScreenSize): void;
  readonly isDone: boolean;
}

/** What goes on besides: told apart from the view, for it ends with the screen. */
export interface ScreenControl {
  paint(): void;
  /** Ends the view with an error. */
  fail(error: unknown): void;
  readonly signal: AbortSignal;
}

/**
 * Runs a view on the terminal's screen until the user is done. However it ends, by a key, by a signal, by an error or
 * because there is no more input, the terminal is as it was. `start` may begin what changes the view by itself. Throws
 * `usage` where there is no terminal, with the remedy.
 */
export async function runOnScreen(
  makeView: (size: ScreenSize) => ScreenView,
  remedy: string,
  start: (view: ScreenView, control: ScreenControl) => void = () => {},
): Promise<void> {
  const { stdout } = process;
  if (!stdout.isTTY) throw noTerminal('stdout', remedy);
  const input = openKeyboard(remedy);
  const size = () => ({ columns: stdout.columns, rows: stdout.rows });
  const view = makeView(size());
  let pending = '';
  let escTimer: NodeJS.Timeout | undefined;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const stopped = untilStopped();

  let isShown = false;
  const paint = () => {
    if (isShown) stdout.write(paintScreen(view.lines()));
  };
  const enter = () => {
    if (view.isDone) return;
    isShown = true;
    input.setRawMode(true);
    stdout.write(enterScreen);
    paint();
  };
  /** Also called where nothing asynchronous runs any more. */
  const leave = () => {
    if (!isShown) return;
    isShown = false;
    try {
      input.setRawMode(false);
      writeSync(stdout.fd, leaveScreen);
    } catch {
      // The terminal is gone, and nothing is left to be put right.
    }
  };
  const take = (text: string) => {
    const { events, rest } = readInput(text);
    pending = rest;
    for (const event of events) {
      if ('key' in event && event.key === 'Ctrl-z') suspend();
      else view.take(event);
      if (view.isDone) return end();
    }
    paint();
  };
  const suspend = () => {
    leave();
    process.kill(process.pid, 'SIGTSTP');
    // When the process goes on, or soon where there is no shell to stop for.
    setTimeout(guarded(enter), STOP_WAIT_MS);
  };
  /** What is thrown while an event is handled would end the process before the terminal is put right. */
  const guarded =
    <Args extends readonly unknown[]>(handle: (...args: Args) => void) =>
    (...args: Args) => {
      try {
        handle(...args);
      } catch (error) {
        fail(error);
      }
    };
  const onData = guarded((chunk: string) => {
    clearTimeout(escTimer);
    take(pending + chunk);
    if (pending === '') return;
    escTimer = setTimeout(
      guarded(() => {
        const waited = pending.slice(1);
        view.take({ key: 'Esc' });
        take(waited);
      }),
      ESC_WAIT_MS,
    );
  });
  const onResize = guarded(() => {
    view.resize(size());
    paint();
  });

  process.once('exit', leave);
  // Before Node prints what the matter is, which would be gone with the screen.
  process.once('uncaughtExceptionMonitor', leave);
  stopped.signal.addEventListener('abort', () => end());
  input.setEncoding('utf8').on('data', onData).once('end', end).once('close', end).once('error', end);
  stdout.on('resize', onResize);
  const over = new AbortController();
  try {
    enter();
    start(view, { paint, fail, signal: over.signal });
    await ended;
  } finally {
    over.abort();
    clearTimeout(escTimer);
    stdout.off('resize', onResize);
    leave();
    process.off('exit', leave).off('uncaughtExceptionMonitor', leave);
    input.off('data', onData).pause();
    if (input !== process.stdin) input.destroy();
    stopped.release();
  }
  const signal = signalNumbers[String(stopped.signal.reason)];
  if (stopped.signal.aborted && signal !== undefined) process.exitCode = 128 + signal;
}

/** Keys come from stdin, or from the terminal itself where stdin is what was drawn. */
function openKeyboard(remedy: string): ReadStream {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    throw noTerminal('stdin', remedy);
  }
}

function noTerminal(stream: string, remedy: string): KernelscopeError {
  return new KernelscopeError('usage', `there is no terminal to show it in: ${stream} is none`, {
    suggestions: [remedy],
  });
}
