import { KernelscopeError } from '../base/kernelscope-error.ts';
import { BATCH_LINES, emptyBatch, FoldedStacks } from './folded-stacks.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const HASH = 0x23;

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads folded stacks: one stack a line, root first, frames parted by `;`, then white space and a count, which may
 * have a fraction. A file in which no line has a count is taken too: each line weighs 1. Blank lines and lines that
 * start with `#` are left out; lines may end in CRLF. Throws `bad_input`, naming the line.
 * The format is that of Brendan Gregg's stackcollapse programs.
 */
export function parseFolded(bytes: Uint8Array): FoldedStacks {
  const parser = new FoldedParser();
  parser.push(bytes);
  return parser.finish();
}

/** Reads folded stacks as `parseFolded` does, from chunks as they arrive. */
export async function parseFoldedStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<FoldedStacks> {
  const parser = new FoldedParser();
  for await (const chunk of chunks) parser.push(chunk);
  return parser.finish();
}

class FoldedParser {
  readonly #stacks = new FoldedStacks();
  /** The pieces of a line whose end has not arrived. */
  #pending: Uint8Array[] = [];
  #line = 0;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the next zero byte is; none in text. */
  #zeroAt = -1;
  #batch = emptyBatch(this.#bytes);
  /** Whether the lines so far carry counts; undefined before the first. */
  #counted: boolean | undefined;

  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#pending.length > 0) {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) {
        this.#pending.push(Buffer.from(chunk));
        return;
      }
      this.#endPending(chunk.subarray(0, end));
      start = end + 1;
    }
    this.#look(chunk);
    for (;;) {
      const end = this.#bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#addLine(start, end);
      start = end + 1;
    }
    this.#flush();
    // A copy: whoever reads a file may use the chunk again.
    if (start < chunk.length) this.#pending.push(Buffer.from(chunk.subarray(start)));
  }

  finish(): FoldedStacks {
    if (this.#pending.length > 0) this.#endPending(new Uint8Array(0));
    return this.#stacks;
  }

  #endPending(rest: Uint8Array): void {
    const line = Buffer.concat([...this.#pending, rest]);
    this.#pending = [];
    this.#look(line);
    this.#addLine(0, line.length);
    this.#flush();
  }

  #look(chunk: Uint8Array): void {
    // Neither is a Buffer: its subarray is no part of the engine, and takes five times as long.
    const bytes = this.#stacks.waitsFor(chunk.length)
      ? new Uint8Array(chunk)
      : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#zeroAt = this.#bytes.indexOf(0);
    this.#batch = emptyBatch(bytes);
  }

  #flush(): void {
    if (this.#batch.count === 0) return;
    this.#stacks.add(this.#batch);
    if (this.#stacks.isWaiting) this.#batch = emptyBatch(this.#batch.bytes);
    else this.#batch.count = 0;
  }

  #addLine(start: number, lineEnd: number): void {
    this.#line++;
    if (this.#zeroAt >= 0 && this.#zeroAt < lineEnd) {
      throw this.#bad('holds a zero byte', ['is it a binary file, or text in UTF-16?']);
    }
    const bytes = this.#bytes;
    let end = lineEnd;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    if (end === start || bytes[start] === HASH) return;
    let countStart = end;
    let weight = 0;
    let power = 1;
    // Up to 15 digits fit a double exactly; anything else than plain digits takes the slow way.
    while (countStart > start && end - countStart < 16) {
      const digit = bytes[countStart - 1]! - 0x30;
      if (digit < 0 || digit > 9) break;
      weight += digit * power;
      power *= 10;
      countStart--;
    }
    const isPlain = countStart < end && countStart > start && isSpace(bytes[countStart - 1]!);
    if (!isPlain || end - countStart > 15) {
      countStart = this.#findCount(start, end);
      weight = this.#readCount(countStart, end);
    }
    let stackEnd = countStart;
    while (stackEnd > start && isSpace(bytes[stackEnd - 1]!)) stackEnd--;
    const counted = countStart < end;
    if (this.#counted !== counted) this.#noteCounted(counted);
    const batch = this.#batch;
    batch.starts[batch.count] = start;
    batch.ends[batch.count] = stackEnd;
    batch.weights[batch.count++] = weight;
    if (batch.count === BATCH_LINES) this.#flush();
  }

  /** Finds where the last word starts if it is a number, else the end of the line. */
  #findCount(start: number, end: number): number {
    let at = end;
    while (at > start && !isSpace(this.#bytes[at - 1]!)) at--;
    const isNumber = end - at <= 40 && numeric.test(this.#bytes.toString('latin1', at, end));
    if (isNumber && at === start) {
      throw this.#bad('is a number without a stack', ['write the stack, a space and the count: a;b;c 12']);
    }
    return isNumber ? at : end;
  }

  #readCount(countStart: number, end: number): number {
    if (countStart === end) return 1;
    const text = this.#bytes.toString('latin1', countStart, end);
    const weight = Number(text);
    if (weight >= 0 && Number.isFinite(weight)) return weight;
    throw this.#bad(`has the count ${text}, which is not a weight`, ['counts are zero or more, and finite']);
  }

  #noteCounted(counted: boolean): void {
    if (this.#counted !== undefined) {
      throw this.#bad(
        counted ? 'has a count, though the lines before it have none' : 'has no count at its end',
        ['write the stack, a space and the count: a;b;c 12'],
      );
    }
    this.#counted = counted;
  }

  #bad(problem: string, suggestions: readonly string[]): KernelscopeError {
    return new KernelscopeError('bad_input', `line ${this.#line} of the folded stacks ${problem}`, {
      suggestions,
    });
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN;
}
