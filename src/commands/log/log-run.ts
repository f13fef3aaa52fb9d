import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Delivery, formatCount, type ReadProgress } from '../../core/index.ts';
import { countOf } from '../count-of.ts';
import { type Progress, type ProgressLine, showProgress } from '../show-progress.ts';
import { untilStopped } from '../until-stopped.ts';

/** What a run of `log` is about. */
export interface LogRunOptions {
  readonly input: Readable;
  /** Records are stored as they come. */
  readonly isLive: boolean;
  readonly progress: ReadProgress;
  /** What an input that was stored in part is logged again by. */
  readonly key: string;
  readonly say: (line: string) => void;
}

/** Thrown through what reads and stores where a signal ends it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * A run of `log` as its user sees it. On a terminal it shows how far it is. Ctrl-C stops a pipeline as a whole: what the
 * program before this one still prints is read and stored; any other input, and any other signal, is stopped at once, and
 * what was stored by then is told. So it is at a second signal.
 */
export class LogRun {
  readonly #options: LogRunOptions;
  readonly #stop: ReturnType<typeof untilStopped>;
  readonly #line: ProgressLine;
  #stored = 0;
  #isStopping = false;

  constructor(options: LogRunOptions) {
    this.#options = options;
    // Whoever reads it is told.
    options.input.on('error', () => {});
    this.#stop = untilStopped();
    this.#stop.signal.addEventListener('abort', () => this.#onSignal());
    // A second signal ends the process from within `untilStopped`.
    process.once('exit', this.#tellStopped);
    this.#line = showProgress(() => describeProgress(options.progress.records, this.#stored, options.isLive));
  }

  /** Records that are stored by now. */
  get stored(): number {
    return this.#stored;
  }

  /** Hands on the input until it ends, or until a live one is stopped. Throws `Stopped` for others. */
  async *read(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      // What a live input brought so far is stored as ever.
      if (!(error instanceof Stopped) || !this.#options.isLive) throw error;
    }
  }

  /** Counts what is stored; takes nothing more where the run is stopped. Throws `Stopped`. */
  deliverBy(delivery: Delivery): Delivery {
    return async (parcel, signal) => {
      if (this.#isStopping && !this.#options.isLive) throw new Stopped();
      const outcome = await delivery(parcel, signal);
      if (outcome.stored) this.#stored += parcel.entries;
      return outcome;
    };
  }

  /** Ends it, and tells whether what was thrown is only that it was stopped, which is said then. May be called again. */
  end(error?: unknown): boolean {
    const isStopped = error instanceof Stopped;
    process.off('exit', this.#tellStopped);
    if (isStopped) {
      this.#tellStopped();
      process.exitCode = this.#stop.signal.reason === 'SIGINT' ? 130 : 143;
    }
    this.#line.end();
    this.#stop.release();
    // Whoever still writes to it is not waited for.
    this.#options.input.destroy();
    return isStopped;
  }

  #onSignal(): void {
    const { input, say } = this.#options;
    if (this.#stop.signal.reason === 'SIGINT' && isPipe(input)) {
      if (!process.stderr.isTTY) return;
      this.#line.clear();
      say('reading what is left of the input; Ctrl-C again ends it at once');
      return;
    }
    this.#isStopping = true;
    input.destroy(new Stopped());
  }

  readonly #tellStopped = () => {
    const { progress, key, isLive, say } = this.#options;
    this.#line.end();
    say(describeStopped(progress.records, this.#stored));
    if (!isLive && this.#stored > 0) say(`  --key ${key} with the same input stores only what is missing`);
  };
}

/** Says how far a run is: what was read, until the first of it is stored. */
export function describeProgress(read: number, stored: number, isLive: boolean): Progress {
  if (isLive) return { text: `${countOf(read, 'record')} read, ${formatCount(stored)} stored`, count: read };
  return stored === 0
    ? { text: `${countOf(read, 'record')} read`, count: read }
    : { text: `${formatCount(stored)} of ${countOf(read, 'record')} stored`, count: stored };
}

/** Says what a run that was stopped leaves behind. */
export function describeStopped(read: number, stored: number): string {
  return stored === 0
    ? `stopped: ${countOf(read, 'record')} read, nothing was stored`
    : `stopped: ${formatCount(stored)} of ${countOf(read, 'record')} that were read are stored`;
}

function isPipe(input: Readable): boolean {
  return input === process.stdin && fstatSync(process.stdin.fd).isFIFO();
}
