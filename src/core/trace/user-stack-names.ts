import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { extractAsset } from '../assets/extract-asset.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { UserStack } from './parse-helper-output.ts';
import { UNKNOWN_FRAME } from './symbolize.ts';

/** The asset that names user frames; its protocol is in src/symbols/symbols.h. */
export const SYMBOLS_ASSET = 'symbols/kernelscope-symbols';

const PROTOCOL_VERSION = 1;

/** The helper's id for a thread that has no user stack, being one of the kernel. */
const KERNEL_THREAD = '0';

/** Stacks whose text is remembered, which is that of some flushes at the least; past that, the oldest are forgotten. */
const REMEMBERED = 16_384;

/** How long one flush may take to be named before its frames stay without names. */
const PATIENCE_MS = 60_000;

/**
 * Names user stacks through a process of its own that reads what all processes have mapped: it is apart from the helper
 * because it reads files that belong to strangers. If one of them is its end, the stacks of that flush read `[unknown]`,
 * and another process is started for the next.
 */
export class UserStackNames {
  readonly #path: string;
  readonly #args: readonly string[];
  #namer: Namer | undefined;
  readonly #texts = new Map<string, string>();

  private constructor(path: string, args: readonly string[]) {
    this.#path = path;
    this.#args = args;
  }

  /** Starts the process and waits until it knows what is mapped. Throws `asset_missing`, `helper_failed` and as `extractAsset`. */
  static async start(options: { readonly marks: boolean }): Promise<UserStackNames> {
    const path = extractAsset(SYMBOLS_ASSET, { executable: true });
    const names = new UserStackNames(path, options.marks ? ['--marks'] : []);
    names.#namer = await Namer.start(path, names.#args);
    return names;
  }

  /** Learns the user stacks of a flush. Afterwards `textOf` knows them, and those of flushes before. */
  async learn(stacks: ReadonlyMap<string, UserStack>): Promise<void> {
    // Put in anew, those of this flush are the youngest. A process of the same id may have other names for the same addresses.
    for (const id of stacks.keys()) this.#texts.delete(id);
    try {
      this.#namer ??= await Namer.start(this.#path, this.#args);
      for (const [id, text] of await this.#namer.name(stacks)) this.#texts.set(id, text);
      for (const id of this.#texts.keys()) {
        if (this.#texts.size <= Math.max(REMEMBERED, stacks.size)) break;
        this.#texts.delete(id);
      }
    } catch (error) {
      if (!(error instanceof KernelscopeError)) throw error;
      await this.#namer?.end();
      this.#namer = undefined;
    }
  }

  /** Gives the folded stack, root first, of an id; undefined for a thread of the kernel, which has none. */
  textOf(id: string): string | undefined {
    return id === KERNEL_THREAD ? undefined : (this.#texts.get(id) ?? UNKNOWN_FRAME);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namer?.end();
  }
}

/** The process, from its start until it is gone. */
class Namer {
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>) {
    this.#process = child;
    this.#exit = once(child, 'close').catch(() => {});
    this.#lines = lines;
  }

  static async start(path: string, args: readonly string[]): Promise<Namer> {
    // As the helper: a Ctrl-C in the terminal is not for it.
    const child = spawn(path, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      env: {},
      cwd: '/',
    });
    child.on('error', () => {});
    // One that is gone is noticed at the end of its output.
    child.stdin.on('error', () => {});
    const namer = new Namer(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    try {
      const { type, protocol } = await namer.#within(namer.#next());
      if (type !== 'ready' || protocol !== PROTOCOL_VERSION) throw notUnderstood();
    } catch (error) {
      await namer.end();
      throw error;
    }
    return namer;
  }

  /** Gives the folded text of each stack. Throws `helper_failed` where the process does not answer as it should. */
  async name(stacks: ReadonlyMap<string, UserStack>): Promise<ReadonlyMap<string, string>> {
    for (const { pid, timeNs, addresses } of stacks.values())
      this.#process.stdin?.write(`${pid} ${timeNs} ${addresses.join(',')}\n`);
    this.#process.stdin?.write('\n');
    return this.#within(this.#answers([...stacks.keys()]));
  }

  async end(): Promise<void> {
    this.#process.stdin?.destroy();
    this.#process.stdout?.destroy();
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
    await this.#exit;
  }

  async #answers(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    for (const id of ids) texts.set(id, readFrames(await this.#next()));
    if ((await this.#next()).type !== 'done') throw notUnderstood();
    return texts;
  }

  async #next(): Promise<Readonly<Record<string, unknown>>> {
    const { value, done } = await this.#lines.next();
    if (done) throw new KernelscopeError('helper_failed', 'what names user frames has stopped');
    return parseAnswer(value);
  }

  async #within<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const error = new KernelscopeError('helper_failed', 'what names user frames does not answer');
      timer = setTimeout(() => reject(error), PATIENCE_MS);
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Reads a line of the process. Throws `helper_failed` where it is no object. */
export function parseAnswer(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw notUnderstood();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notUnderstood();
  return value as Readonly<Record<string, unknown>>;
}

/** Folds the frames of an answer, which are leaf first, root first. Throws `helper_failed` where they are none. */
export function readFrames(answer: Readonly<Record<string, unknown>>): string {
  const { type, frames } = answer;
  if (type !== 'frames' || !Array.isArray(frames)) throw notUnderstood();
  if (!frames.every((frame) => typeof frame === 'string' && frame !== '' && !/[;\n]/.test(frame)))
    throw notUnderstood();
  return frames.length === 0 ? UNKNOWN_FRAME : frames.toReversed().join(';');
}

function notUnderstood(): KernelscopeError {
  return new KernelscopeError('helper_failed', 'what names user frames is not understood', {
    suggestions: ['it belongs to another version of kernelscope: build or install both again'],
  });
}
