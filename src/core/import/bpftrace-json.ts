import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { type KeyPart, readKeyParts, readMaps, readMessages } from './bpftrace-messages.ts';
import { frameName } from './read-text.ts';
import type { StackFormat } from './stack-format.ts';

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
    for await (const message of readMessages(chunks)) {
      if (!('type' in message)) throw bad(`line ${message.line} is no message of bpftrace`);
      if (!['map', 'stats', 'hist'].includes(message.type)) continue;
      for (const { name, entries } of readMaps(message)) {
        for (const { key, value } of entries) {
          const stack = key === undefined ? undefined : foldKey(readKeyParts(key));
          if (stack === undefined) continue;
          const weight = readWeight(value, message.type);
          if (weight === undefined)
            throw bad(`line ${message.line}: ${name} has no weights that can be added`);
          const stacks = maps.get(name) ?? [];
          stacks.push({ stack, weight });
          maps.set(name, stacks);
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

/** Makes a stack of a key, root first; undefined where no part of it is one. */
function foldKey(parts: readonly KeyPart[]): string | undefined {
  const stacks = parts.flatMap((part) => ('stack' in part ? [part.stack.map(readFrame)] : []));
  if (stacks.length === 0) return undefined;
  const names: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (!('text' in part) || part.text === '') continue;
    const before = parts[index - 1];
    // What stands together is one frame, as bpftrace prints it.
    if (before !== undefined && 'text' in before && before.text !== '')
      names.push(`${names.pop()},${frameName(part.text)}`);
    else names.push(frameName(part.text));
  }
  return [...names, ...joinStacks(stacks)].join(';');
}

/** Joins the stacks of a key, each leaf first, into one with the root first. */
export function joinStacks(stacks: readonly (readonly string[])[]): readonly string[] {
  // Of two stacks the kernel's is the one that was entered last.
  const [first = [], second = []] = stacks;
  const secondIsKernel = kernelEntry.test(second.at(-1) ?? '') && !kernelEntry.test(first.at(-1) ?? '');
  const leafFirst = secondIsKernel ? [...second, ...first] : [...first, ...second];
  return leafFirst.reverse();
}

/** Reads a line of a stack: a name without its offset and, in perf's mode, without the address before it. */
export function readFrame(line: string): string {
  const text = line.trim().replace(/^[0-9a-f]{8,16} /, '');
  return frameName(text.replace(/\+(?:0x)?[0-9a-f]+(?= ?\(|$)/, ''));
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
