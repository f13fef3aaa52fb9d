import { formatCount, truncateCells } from '../core/index.ts';

/** How often what is shown is drawn anew, and when first, in milliseconds. */
const REDRAW_MS = 1000;

/** How far something is: in words, and the number that is said per second. */
export interface Progress {
  readonly text: string;
  readonly count: number;
}

/** A line of progress that is shown. */
export interface ProgressLine {
  /** Takes the line away until it is drawn again, for something else to be said. */
  clear(): void;
  /** Takes it away for good. */
  end(): void;
}

/** Shows on stderr how far something is, from its second second on and only where that is a terminal. */
export function showProgress(sample: () => Progress): ProgressLine {
  const { stderr } = process;
  if (stderr.isTTY !== true || process.env.TERM === 'dumb') return { clear: () => {}, end: () => {} };
  let before = { count: sample().count, atMs: performance.now() };
  let isShown = false;
  const timer = setInterval(() => {
    const { text, count } = sample();
    const now = { count, atMs: performance.now() };
    const line = `${text}, ${formatRate(before, now)}`;
    before = now;
    isShown = true;
    stderr.write(`\r${truncateCells(line, stderr.columns - 1)}\x1b[K`);
  }, REDRAW_MS).unref();
  const clear = () => {
    if (isShown) stderr.write('\r\x1b[K');
    isShown = false;
  };
  return {
    clear,
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** Says how many there were per second between two counts; none where it was begun anew in between. */
export function formatRate(
  before: { readonly count: number; readonly atMs: number },
  now: { readonly count: number; readonly atMs: number },
): string {
  const seconds = Math.max(1, now.atMs - before.atMs) / 1000;
  return `${formatCount(Math.max(0, Math.round((now.count - before.count) / seconds)))} per second`;
}
