import { bpftraceJson, joinStacks, readFrame } from '../bpftrace-json.ts';
import {
  type BpftraceMessage,
  type KeyPart,
  type MapEntry,
  mapTypes,
  readKeyParts,
  readMaps,
  readMessages,
} from '../bpftrace-messages.ts';
import { matchLine } from './lines.ts';
import type { BadLine, InputRecord, RecordFormat, RecordItem, RecordOptions } from './record-format.ts';

/**
 * What `bpftrace -f json` prints. An entry of a map is a record: `key1`, `key2`, ... are the parts of its key that are
 * no stacks, `stack` is its stacks in one with the root first, `stack1` and `stack2` each of them, `value` what the map
 * holds, also called `count`. A histogram gives a record for each bucket that holds anything: `min`, `max`, `count`.
 * stats() gives `count`, `average`, `total`. Entries that are printed alike are one, their numbers added. Lines of
 * printf() are records where a pattern says what is in them.
 */
export const bpftrace: RecordFormat = {
  recognizes: (head) => bpftraceJson.recognizes(Buffer.from(head)),
  isPositional: true,
  read: async function* (chunks, options) {
    let printed = '';
    for await (const message of readMessages(chunks)) {
      if (!('type' in message)) {
        yield {
          line: message.line,
          problem: 'it is no message of bpftrace; bpftrace -o FILE keeps out what a traced command prints',
        };
        continue;
      }
      if (message.type === 'printf' && typeof message.data === 'string') {
        // A line may come in pieces, and a piece may hold several.
        const texts = (printed + message.data).split('\n');
        printed = texts.pop()!;
        for (const text of texts) yield* readPrinted(text, message.line, options);
        continue;
      }
      yield* readMessage(message, options);
    }
    if (printed !== '') yield* readPrinted(printed, 0, options);
  },
};

function* readPrinted(text: string, line: number, { pattern }: RecordOptions): Iterable<RecordItem> {
  if (text.trim() === '') return;
  if (pattern === undefined) yield { ignored: 'lines of printf(), which --pattern reads' };
  else yield matchLine(text, pattern, line);
}

function* readMessage(message: BpftraceMessage, options: RecordOptions): Iterable<RecordItem> {
  const { type, data, line } = message;
  if (type === 'lost_events') {
    yield { lost: Number((data as { events?: number } | null)?.events ?? 0) };
    return;
  }
  if (type === 'value') {
    if (typeof data === 'object' && data !== null) yield { line, fields: spreadValue(data) };
    return;
  }
  if (!mapTypes.includes(type)) return;
  for (const { name, entries } of readMaps(message)) {
    if (options.map === undefined ? options.pattern !== undefined : !isCalled(name, options.map)) {
      yield { ignored: `the map ${name}` };
      continue;
    }
    yield* readEntries(entries, name, type, line);
  }
}

function isCalled(name: string, wanted: string): boolean {
  return name === wanted || name === `@${wanted}`;
}

function* readEntries(
  entries: readonly MapEntry[],
  map: string,
  type: string,
  line: number,
): Iterable<InputRecord | BadLine> {
  const keys = entries.map(({ key }) => (key === undefined ? [] : readKeyParts(key)));
  const shape = shapeOf(keys);
  const merged = new Map<
    string,
    { readonly key: Record<string, unknown>; values: Record<string, unknown>[] }
  >();
  for (const [index, { value }] of entries.entries()) {
    const key = nameParts(fitParts(keys[index]!, shape));
    const values = readValues(value, type);
    const text = JSON.stringify(key);
    const known = merged.get(text);
    // Stacks that differ by address alone are printed alike.
    if (known === undefined) merged.set(text, { key, values });
    else known.values = addValues(known.values, values);
  }
  for (const { key, values } of merged.values())
    for (const fields of values) yield { line, fields: { ...key, ...fields, map } };
}

/** For each part of a key whether it is a stack, is a number in all entries, or neither. */
type Shape = readonly ('stack' | 'number' | 'text')[];

/** Finds what the parts of a map's keys are; text with a comma makes a key look longer than it is. */
function shapeOf(keys: readonly (readonly KeyPart[])[]): Shape {
  const length = keys.reduce((least, parts) => Math.min(least, parts.length), Number.POSITIVE_INFINITY);
  const whole = keys.filter((parts) => parts.length === length);
  return Array.from({ length: keys.length === 0 ? 0 : length }, (_, at) => {
    const parts = whole.map((key) => key[at]!);
    if (parts.some((part) => 'stack' in part)) return 'stack';
    return parts.every((part) => 'text' in part && /^-?\d+$/.test(part.text)) ? 'number' : 'text';
  });
}

/** Puts the pieces of a text with commas together again, and takes an empty part for the stack that it should be. */
function fitParts(parts: readonly KeyPart[], shape: Shape): readonly KeyPart[] {
  const extra = parts.length - shape.length;
  const at = shape.indexOf('text');
  const fitted =
    extra > 0 && at >= 0
      ? [
          ...parts.slice(0, at),
          {
            text: parts
              .slice(at, at + extra + 1)
              .map((part) => ('text' in part ? part.text : ''))
              .join(','),
          },
          ...parts.slice(at + extra + 1),
        ]
      : parts;
  return fitted.map((part, index) =>
    shape[index] === 'stack' && 'text' in part && part.text === '' ? { stack: [] } : part,
  );
}

function nameParts(parts: readonly KeyPart[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const stacks: (readonly string[])[] = [];
  let count = 0;
  for (const part of parts) {
    if ('stack' in part) stacks.push(part.stack.map(readFrame));
    else fields[`key${++count}`] = part.text;
  }
  if (stacks.length > 0) fields.stack = joinStacks(stacks).join(';');
  for (const [index, stack] of stacks.entries()) fields[`stack${index + 1}`] = stack.toReversed().join(';');
  return fields;
}

function readValues(value: unknown, type: string): Record<string, unknown>[] {
  if (type === 'tseries' && Array.isArray(value))
    return value.map(({ interval_start: time, value: item }) => ({ time, value: item, count: item }));
  if (type === 'hist' && Array.isArray(value)) {
    const buckets = value as { readonly min?: number; readonly max?: number; readonly count: number }[];
    return buckets
      .filter(({ count }) => count > 0)
      .map(({ min, max, count }) => ({ min: min ?? null, max: max ?? null, count, value: count }));
  }
  if (typeof value === 'object' && value !== null) return [spreadValue(value)];
  const plain = typeof value === 'boolean' ? Number(value) : value;
  return [{ value: plain, count: plain }];
}

/** The fields of a tuple, a record or statistics. */
function spreadValue(value: object): Record<string, unknown> {
  if (Array.isArray(value))
    return Object.fromEntries(value.map((item, index) => [`value${index + 1}`, item as unknown]));
  const fields = value as Record<string, unknown>;
  return 'total' in fields ? { ...fields, value: fields.total } : fields;
}

function addValues(
  known: readonly Record<string, unknown>[],
  more: readonly Record<string, unknown>[],
): Record<string, unknown>[] {
  const summed = ['value', 'count', 'total'];
  const sums = known.map((fields) => ({ ...fields }));
  for (const fields of more) {
    const same = sums.find(
      (sum) => sum.min === fields.min && sum.max === fields.max && sum.time === fields.time,
    );
    if (same === undefined) sums.push({ ...fields });
    else
      for (const name of summed) if (name in fields) same[name] = Number(same[name]) + Number(fields[name]);
  }
  return sums;
}
