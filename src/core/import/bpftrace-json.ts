import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { frameName, readLines } from './read-text.ts';
import type { StackFormat } from './stack-format.ts';

/** A stack in a key: a line break, then indented lines, each with its own. An empty stack is the line break alone. */
const stackInKey = /\n((?:[ \t]+[^\n]*\n)*)/g;
/** Where kernels are entered, or their threads start: the outermost frame of a kernel's stack. */
const kernelEntry = /^(?:entry_|asm_|ret_from_|el\d|secondary_startup|common_startup|start_kernel|__kernel_)/;

/**
 * What `bpftrace -f json` prints of maps whose key has a stack (kstack, ustack): a line of JSON each. The other parts
 * of a key become the first frames. A map weighs its stacks by count(), sum(), min(), max() or a number; of stats() the
 * total counts, of hist() the number. Where several maps have stacks, each is the root of its own.
 */
export const bpftraceJson: StackFormat = {
  recognizes: (head) => /^\s*\{"type": ?"[a-z_]+", ?"data": ?/.test(Buffer.from(head).toString('latin1')),
  read: async (chunks) => {
    const maps = new Map<string, WeightedStack[]>();
    let number = 0;
    for await (const line of readLines(chunks)) {
      number++;
      if (line.trim() === '') continue;
      const message = readMessage(line, number);
      if (!['map', 'stats', 'hist'].includes(message.type)) continue;
      for (const [map, entries] of Object.entries(message.data)) {
        if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) continue;
        for (const [key, value] of Object.entries(entries)) {
          const stack = readKey(key);
          if (stack === undefined) continue;
          const weight = readWeight(value, message.type);
          if (weight === undefined) throw bad(`line ${number}: ${map} has no weights that can be added`);
          maps.set(map, [...(maps.get(map) ?? []), { stack, weight }]);
        }
      }
    }
    if (maps.size === 0) throw bad('no map in it has stacks in its key');
    const stacks = [...maps].flatMap(([map, list]) =>
      maps.size === 1 ? list : list.map(({ stack, weight }) => ({ stack: `${map};${stack}`, weight })),
    );
    return { stacks, unit: 'count' };
  },
};

interface Message {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function readMessage(line: string, number: number): Message {
  try {
    const message = JSON.parse(line);
    if (typeof message?.type === 'string' && typeof message.data === 'object') return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw bad(`line ${number} is no message of bpftrace`);
}

/** Reads a key into a stack, root first; undefined where it has none. */
function readKey(key: string): string | undefined {
  const parts: string[][] = [];
  const rest = key.replace(stackInKey, (_, lines: string) => {
    parts.push(lines.split('\n').slice(0, -1).map(readFrame));
    return '\n';
  });
  if (parts.length === 0) return undefined;
  const groups = rest
    .split('\n')
    .map((group) => group.replace(/^,|,$/g, ''))
    .filter((group) => group !== '');
  // Leaf first, as printed; of two stacks the kernel's is the one that was entered last.
  const [first = [], second = []] = parts;
  const secondIsKernel = kernelEntry.test(second.at(-1) ?? '') && !kernelEntry.test(first.at(-1) ?? '');
  const leafFirst = secondIsKernel ? [...second, ...first] : [...first, ...second];
  return [...groups.map(frameName), ...leafFirst.reverse()].join(';');
}

function readFrame(line: string): string {
  // In perf's mode the address comes first.
  const text = line.trim().replace(/^[0-9a-f]{8,16} /, '');
  return frameName(text.replace(/\+(?:0x)?[0-9a-f]+(?= \(|$)/, ''));
}

function readWeight(value: unknown, type: string): number | undefined {
  if (typeof value === 'number') return type === 'stats' ? undefined : value;
  if (Array.isArray(value))
    return value.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  const total = (value as { total?: unknown } | null)?.total;
  return typeof total === 'number' ? total : undefined;
}

function bad(message: string): KernelscopeError {
  return new KernelscopeError('bad_input', message, {
    suggestions: ["write it like bpftrace -f json -e 'profile:hz:99 { @[comm, kstack] = count(); }'"],
  });
}
