import { readLines } from './read-text.ts';
import { scanMembers } from './scan-members.ts';

/** A line of `bpftrace -f json`; `text` is all of it, and `dataAt` where its data starts. */
export interface BpftraceMessage {
  readonly line: number;
  readonly type: string;
  readonly data: unknown;
  readonly text: string;
  readonly dataAt: number;
}

/** An entry of a map: its key as printed, undefined for a map without keys, and its value. */
export interface MapEntry {
  readonly key: string | undefined;
  readonly value: unknown;
}

/** A part of a key: text, or a stack with the leaf first as bpftrace prints it. */
export type KeyPart = { readonly text: string } | { readonly stack: readonly string[] };

/** Types of messages that print maps. */
export const mapTypes = ['map', 'stats', 'hist', 'tseries'];

/** Reads messages line by line; a line that is none comes as its number and text alone. */
export async function* readMessages(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<BpftraceMessage | { readonly line: number; readonly text: string }> {
  let line = 0;
  for await (const text of readLines(chunks)) {
    line++;
    if (text.trim() === '') continue;
    yield readMessage(text, line) ?? { line, text };
  }
}

function readMessage(text: string, line: number): BpftraceMessage | undefined {
  try {
    const message = JSON.parse(text);
    if (typeof message?.type !== 'string' || message.data === undefined) return undefined;
    const data = scanMembers(text, text.indexOf('{')).find(({ key }) => key === 'data');
    return { line, type: message.type, data: message.data, text, dataAt: data!.start };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads the maps of a message of one of `mapTypes`, with every entry, also of keys that are printed alike. */
export function readMaps(
  message: BpftraceMessage,
): readonly { readonly name: string; readonly entries: readonly MapEntry[] }[] {
  const { text, type } = message;
  if (text[message.dataAt] !== '{') return [];
  return scanMembers(text, message.dataAt).map(({ key: name, start, end }) => {
    const value: unknown = JSON.parse(text.slice(start, end));
    if (!isKeyed(value, type)) return { name, entries: [{ key: undefined, value }] };
    const members = scanMembers(text, start);
    return {
      name,
      entries: members.map((member) => ({
        key: member.key,
        value: JSON.parse(text.slice(member.start, member.end)) as unknown,
      })),
    };
  });
}

function isKeyed(value: unknown, type: string): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  // The statistics of a map without keys are such an object themselves.
  return type !== 'stats' || !Object.keys(value).every((key) => ['count', 'average', 'total'].includes(key));
}

/**
 * Parts a key at its commas. A stack is a line break, its frames each with a line break behind, indented by older
 * versions; a comma inside of it parts nothing.
 */
export function readKeyParts(key: string): readonly KeyPart[] {
  const parts: KeyPart[] = [];
  for (let at = 0; ; ) {
    if (key[at] === '\n') {
      const end = stackEnd(key, at);
      const frames = key
        .slice(at + 1, end)
        .split('\n')
        .slice(0, -1);
      parts.push({ stack: frames });
      at = end;
    } else {
      const end = key.indexOf(',', at);
      parts.push({ text: (end < 0 ? key.slice(at) : key.slice(at, end)).trim() });
      at = end < 0 ? key.length : end;
    }
    if (at >= key.length) return parts;
    at++;
    // 0.16 and older put a space behind the comma.
    if (key[at] === ' ') at++;
  }
}

/** Where the stack that starts at `at` ends: behind the line break before a comma or the end. */
function stackEnd(key: string, at: number): number {
  for (let next = at; ; ) {
    const end = key.indexOf('\n', next);
    if (end < 0) return key.length;
    const behind = key[end + 1];
    if (behind === undefined || behind === ',') return end + 1;
    next = end + 1;
  }
}
