import { KernelscopeError } from '../base/kernelscope-error.ts';

/** The protocol that this parser reads; described in src/bpf/loader.h. */
export const PROTOCOL_VERSION = 1;

/** One process, stack and state, with what its blocks add up to. */
export interface HelperEntry {
  readonly process: string;
  readonly pid: number;
  /** Only where the helper keeps threads apart. */
  readonly tid?: number;
  /** Id of the stack, `0` where there is none, or the program has none. */
  readonly stack: string;
  /** Id of the user stack, only where such are asked for: `0` for a thread of the kernel, `1` where it is not known. */
  readonly user?: string;
  readonly ns: number;
  readonly count: number;
  readonly maxNs: number;
  /** Bits of TASK_*, or `RUNNABLE` of task-states.ts; 0 where the program has none. */
  readonly state: number;
  /** How many of `count` had not ended when tracing stopped. */
  readonly open: number;
  /** What one program alone says of its entries, by name; absent where there is nothing. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** Blocks of one process whose end was hidden. */
export interface HelperMissed {
  readonly process: string;
  readonly pid: number;
  readonly tid?: number;
  readonly count: number;
}

export interface HelperSum {
  readonly count: number;
  readonly ns: number;
}

export interface HelperReady {
  readonly type: 'ready';
  readonly program: string;
  readonly variant: string;
}

export interface HelperFlush {
  readonly type: 'flush';
  readonly seq: number;
  readonly last: boolean;
  readonly timeUs: number;
  readonly intervalNs: number;
  readonly sum: HelperSum;
  readonly total: HelperSum;
  readonly lost: HelperSum;
  readonly lostFull: number;
  readonly lostBusy: number;
  readonly missedIn: number;
  readonly skipped: number;
  readonly backwards: number;
  readonly noSlot: number;
  readonly unfollowed: number;
  readonly stackFull: number;
  readonly stackFailed: number;
  readonly schedFailed: number;
  /** Stacks that were walked without the kernel. */
  readonly ownWalks: number;
  /** Of them, those that the kernel walks otherwise, where that is checked. */
  readonly walksDiffer: number;
  readonly entries: readonly HelperEntry[];
  readonly missed: readonly HelperMissed[];
  /** Return addresses in hexadecimal, leaf first, by the stack's id. */
  readonly stacks: ReadonlyMap<string, readonly string[]>;
  /** By the user stack's id. */
  readonly userStacks: ReadonlyMap<string, UserStack>;
}

/** A stack of a program: the addresses mean something in this process alone, and in what it was running then. */
export interface UserStack {
  readonly pid: number;
  /** When it was walked, by CLOCK_MONOTONIC. */
  readonly timeNs: number;
  /** In hexadecimal, leaf first: where the program was, then return addresses. */
  readonly addresses: readonly string[];
}

export interface HelperFailure {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
}

export type HelperMessage = HelperReady | HelperFlush | HelperFailure;

/** Longest line accepted; the longest that the helper writes is an error with the verifier's complaint. */
const MAX_LINE_LENGTH = 1 << 20;

/**
 * Reads the helper's NDJSON, however it is cut into chunks, into whole messages: a flush comes with every line that
 * belongs to it. What a killed helper left unfinished (half a line, half a flush) is dropped.
 * Throws `helper_failed` for a line that is not of the protocol.
 */
export async function* parseHelperOutput(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<HelperMessage, void, void> {
  const decoder = new TextDecoder('utf-8');
  const collected = new FlushCollector();
  let rest = '';
  let lineNumber = 0;
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      lineNumber++;
      const message = collected.take(line, lineNumber);
      if (message !== undefined) yield message;
    }
    if (rest.length > MAX_LINE_LENGTH) throw notOfProtocol(lineNumber + 1, rest);
  }
}

/** Gathers the lines of one flush until the line that ends it. */
class FlushCollector {
  #entries: HelperEntry[] = [];
  #missed: HelperMissed[] = [];
  #stacks = new Map<string, readonly string[]>();
  #userStacks = new Map<string, UserStack>();

  take(line: string, lineNumber: number): HelperMessage | undefined {
    const fields = new Fields(line, lineNumber);
    switch (fields.text('type')) {
      case 'entry':
        this.#entries.push(readEntry(fields));
        return undefined;
      case 'stack':
        this.#stacks.set(fields.hex('id'), fields.hexList('kernel'));
        return undefined;
      case 'user_stack':
        this.#userStacks.set(fields.hex('id'), readUserStack(fields));
        return undefined;
      case 'missed':
        this.#missed.push({ ...readTask(fields), count: fields.count('count') });
        return undefined;
      case 'flush':
        return this.#endFlush(fields);
      case 'ready':
        return readReady(fields);
      case 'error':
        return { type: 'error', code: fields.text('code'), message: fields.text('message') };
      default:
        throw notOfProtocol(lineNumber, line);
    }
  }

  #endFlush(fields: Fields): HelperFlush {
    const flush: HelperFlush = {
      type: 'flush',
      seq: fields.count('seq'),
      last: fields.flag('last'),
      timeUs: fields.count('time_us'),
      intervalNs: fields.count('interval_ns'),
      sum: fields.sum('sum'),
      total: fields.sum('total'),
      lost: fields.sum('lost'),
      lostFull: fields.count('lost_full'),
      lostBusy: fields.count('lost_busy'),
      missedIn: fields.count('missed_in'),
      skipped: fields.count('skipped'),
      backwards: fields.count('backwards'),
      noSlot: fields.count('no_slot'),
      unfollowed: fields.count('unfollowed'),
      stackFull: fields.count('stack_full'),
      stackFailed: fields.count('stack_failed'),
      schedFailed: fields.count('sched_failed'),
      // Recordings from before there were such walks have no such counts.
      ownWalks: fields.has('own_walks') ? fields.count('own_walks') : 0,
      walksDiffer: fields.has('walks_differ') ? fields.count('walks_differ') : 0,
      entries: this.#entries,
      missed: this.#missed,
      stacks: this.#stacks,
      userStacks: this.#userStacks,
    };
    this.#entries = [];
    this.#missed = [];
    this.#stacks = new Map();
    this.#userStacks = new Map();
    return flush;
  }
}

function readReady(fields: Fields): HelperReady {
  const protocol = fields.count('protocol');
  if (protocol !== PROTOCOL_VERSION) {
    throw new KernelscopeError(
      'helper_failed',
      `the trace helper speaks version ${protocol} of the protocol, not ${PROTOCOL_VERSION}`,
      { suggestions: ['it belongs to another version of kernelscope: build or install both again'] },
    );
  }
  return { type: 'ready', program: fields.text('program'), variant: fields.text('variant') };
}

function readTask(fields: Fields): { process: string; pid: number; tid?: number } {
  const task = { process: fields.text('process'), pid: fields.count('pid') };
  return fields.has('tid') ? { ...task, tid: fields.count('tid') } : task;
}

function readUserStack(fields: Fields): UserStack {
  return { pid: fields.count('pid'), timeNs: fields.count('time_ns'), addresses: fields.hexList('frames') };
}

function readEntry(fields: Fields): HelperEntry {
  return {
    ...readTask(fields),
    stack: fields.has('stack') ? fields.hex('stack') : '0',
    ns: fields.count('ns'),
    count: fields.count('count'),
    maxNs: fields.count('max_ns'),
    state: fields.has('state') ? fields.count('state') : 0,
    open: fields.count('open'),
    ...(fields.has('user') && { user: fields.hex('user') }),
    ...(fields.has('details') && { details: fields.details('details') }),
  };
}

const hexPattern = /^[0-9a-f]{1,16}$/;

/** The fields of one line, each checked as it is read. */
class Fields {
  readonly #line: string;
  readonly #lineNumber: number;
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(line: string, lineNumber: number) {
    this.#line = line;
    this.#lineNumber = lineNumber;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw notOfProtocol(lineNumber, line);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw notOfProtocol(lineNumber, line);
    this.#object = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  text(name: string): string {
    const value = this.#own(name);
    if (typeof value !== 'string') throw this.#bad();
    return value;
  }

  flag(name: string): boolean {
    const value = this.#own(name);
    if (typeof value !== 'boolean') throw this.#bad();
    return value;
  }

  /** A whole number from 0 on; above 2^53 it is the nearest double. */
  count(name: string): number {
    return this.#checkCount(this.#own(name));
  }

  hex(name: string): string {
    const value = this.text(name);
    if (!hexPattern.test(value)) throw this.#bad();
    return value;
  }

  hexList(name: string): readonly string[] {
    const value = this.#own(name);
    if (!Array.isArray(value)) throw this.#bad();
    for (const item of value) if (typeof item !== 'string' || !hexPattern.test(item)) throw this.#bad();
    return value;
  }

  sum(name: string): HelperSum {
    const value = this.#own(name);
    if (typeof value !== 'object' || value === null) throw this.#bad();
    const { count, ns } = value as Record<string, unknown>;
    return { count: this.#checkCount(count), ns: this.#checkCount(ns) };
  }

  /** Texts, and whole numbers from 0 on, by name. */
  details(name: string): Readonly<Record<string, string | number>> {
    const value = this.#own(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#bad();
    for (const item of Object.values(value)) if (typeof item !== 'string') this.#checkCount(item);
    return value as Record<string, string | number>;
  }

  #own(name: string): unknown {
    return this.has(name) ? this.#object[name] : undefined;
  }

  #checkCount(value: unknown): number {
    if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) throw this.#bad();
    return value;
  }

  #bad(): KernelscopeError {
    return notOfProtocol(this.#lineNumber, this.#line);
  }
}

function notOfProtocol(lineNumber: number, line: string): KernelscopeError {
  const start = line.length > 80 ? `${line.slice(0, 80)}...` : line;
  return new KernelscopeError(
    'helper_failed',
    `line ${lineNumber} from the trace helper is not understood: ${JSON.stringify(start)}`,
    { suggestions: ['the helper belongs to another version of kernelscope, or the line is damaged'] },
  );
}
