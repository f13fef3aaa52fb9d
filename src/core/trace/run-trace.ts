import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { extractAsset } from '../assets/extract-asset.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import { helperError } from './helper-error.ts';
import { KernelStacks } from './kernel-stacks.ts';
import { type HelperFlush, parseHelperOutput } from './parse-helper-output.ts';
import type { Flush, TraceOptions, TraceProgram } from './trace-program.ts';
import { UserStackNames } from './user-stack-names.ts';

/** The asset that holds every trace program. */
export const HELPER_ASSET = 'bpf/kernelscope-trace';

/** How long the helper may take for its last flush before it is given up. */
const LAST_FLUSH_MS = 60_000;

/**
 * Traces until the duration is over or `signal` aborts, and gives a flush per interval and one at the end, which holds
 * what was measured since the last one and the blocks that had not ended. Aborting is not an error. Leaving the loop
 * early ends the helper and drops what it had. While the caller is busy with a flush, the kernel side goes on adding up.
 * `onBegin` is called once, when the program is attached. Throws `cannot_trace`, `permission_denied`, `asset_missing`, and `helper_failed` where the helper stops on its own.
 */
export async function* runTrace(
  program: TraceProgram,
  options: TraceOptions,
  signal?: AbortSignal,
  onBegin: () => void = () => {},
): AsyncGenerator<Flush, void, void> {
  const path = extractAsset(HELPER_ASSET, { executable: true });
  // Before the helper, so that no program begins or maps a library unseen.
  await using names = options.userStacks
    ? await UserStackNames.start({ marks: options.marks === true })
    : undefined;
  await using helper = new Helper(path, [program.name, ...program.helperArguments(options)]);
  using pace = new Pace(helper, options, signal);
  let stacks: KernelStacks | undefined;
  for await (const message of parseHelperOutput(helper.output)) {
    if (message.type === 'error') throw helperError(message);
    if (message.type === 'ready') {
      // Only now, so that a helper that may not trace says so first.
      stacks = new KernelStacks(options.marks ? '_[k]' : '');
      pace.begin();
      options.command?.release();
      onBegin();
      continue;
    }
    if (stacks === undefined) break;
    pace.flushed();
    stacks.learn(message.stacks);
    await names?.learn(message.userStacks);
    yield toFlush(program, message, stacks, names);
    if (message.last) return;
  }
  throw await helper.whyItStopped();
}

function toFlush(
  program: TraceProgram,
  message: HelperFlush,
  stacks: KernelStacks,
  names: UserStackNames | undefined,
): Flush {
  const totals = {
    count: message.total.count,
    ns: message.total.ns,
    lostCount: message.lost.count,
    lostNs: message.lost.ns,
    missedIn: message.missedIn,
    dropped: message.skipped + message.backwards + message.noSlot + message.unfollowed,
    withoutStack: message.stackFull + message.stackFailed,
  };
  return {
    timeUs: message.timeUs,
    intervalNs: message.intervalNs,
    entries: program.toEntries(message, {
      kernel: (id) => stacks.textOf(id),
      user: (id) => (id === undefined ? undefined : names?.textOf(id)),
    }),
    lost: totals.lostCount + totals.missedIn + totals.dropped,
    totals,
  };
}

/** The helper's process, from its start until it is gone. */
class Helper {
  readonly output: Readable;
  readonly #process: ChildProcess;
  readonly #commands: Writable;
  readonly #exit: Promise<unknown>;
  #failure: Error | undefined;
  #complaint = '';
  #gaveUp = false;

  constructor(path: string, args: readonly string[]) {
    // In a session of its own, so that a Ctrl-C in the terminal cannot end it before its last flush, even while it starts.
    const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: {}, cwd: '/' });
    this.#process = child;
    this.output = child.stdout;
    this.#commands = child.stdin;
    // A helper that is gone is noticed at the end of its output.
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2000);
    });
    child.on('error', (error) => {
      this.#failure = error;
    });
    this.#exit = once(child, 'close').catch(() => {});
  }

  send(command: 'f' | 'q'): void {
    this.#commands.write(`${command}\n`);
  }

  /** Ends a helper that does not answer any more. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#process.kill('SIGKILL');
  }

  /** The error for a helper whose output ended before its last flush. */
  async whyItStopped(): Promise<KernelscopeError> {
    await this.#exit;
    const { exitCode, signalCode } = this.#process;
    const how = this.#gaveUp
      ? `did not answer for ${LAST_FLUSH_MS / 1000} s and was ended`
      : this.#failure !== undefined
        ? `could not be started: ${this.#failure.message}`
        : signalCode !== null
          ? `was killed by ${signalCode}`
          : `stopped with exit code ${exitCode}`;
    const complaint = this.#complaint.trim();
    return new KernelscopeError(
      'helper_failed',
      `the trace helper ${how}${complaint === '' ? '' : `\n${complaint}`}`,
      {
        suggestions: [
          'what was measured since the last flush is lost; start the trace again',
          ...(signalCode === 'SIGKILL' && !this.#gaveUp
            ? ['the kernel kills processes when memory is short: see dmesg']
            : []),
        ],
        ...(this.#failure === undefined ? {} : { cause: this.#failure }),
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of its stdin ends it; killing it is for one that hangs in a write that nobody reads.
    this.#commands.destroy();
    this.output.destroy();
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
    await this.#exit;
  }
}

/** Asks the helper for a flush at every interval, one at a time, and for the last one when time is up. */
class Pace {
  readonly #helper: Helper;
  readonly #options: TraceOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  #isAsked = false;
  #isOver = false;
  readonly #end = () => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#helper.send('q');
    this.#timers.push(setTimeout(() => this.#helper.giveUp(), LAST_FLUSH_MS));
  };

  constructor(helper: Helper, options: TraceOptions, signal: AbortSignal | undefined) {
    this.#helper = helper;
    this.#options = options;
    this.#signal = signal;
    if (signal?.aborted) this.#end();
    else signal?.addEventListener('abort', this.#end, { once: true });
  }

  /** The helper is tracing from now on. */
  begin(): void {
    if (this.#isOver) return;
    const { intervalMs, durationMs } = this.#options;
    this.#timers.push(setInterval(() => this.#ask(), intervalMs));
    if (durationMs !== undefined) this.#timers.push(setTimeout(this.#end, durationMs));
  }

  /** A flush came back. */
  flushed(): void {
    this.#isAsked = false;
  }

  #ask(): void {
    // A reader slower than the interval gets longer intervals, not a queue of them.
    if (this.#isAsked || this.#isOver) return;
    this.#isAsked = true;
    this.#helper.send('f');
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#signal?.removeEventListener('abort', this.#end);
  }
}
