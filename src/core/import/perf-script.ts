import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { WeightedStack } from '../stack/frame-tree.ts';
import { frameName, readLines } from './read-text.ts';
import type { StackFormat } from './stack-format.ts';

/** `comm  pid/tid [cpu] seconds: period event:`; comm may hold spaces, and all but it, the pid and the time may lack. */
const header = /^\s*(\S.*?)\s+-?\d+(?:\/-?\d+)?\s+(?:\[\d+\]\s+)?(?:\S+\s+)?\d+\.\d+:\s+(.*)$/;
/** `address symbol+offset (object)`; the object may end in ` (deleted)`. */
const frame = /^\s*[0-9a-f]+\s+(.+) \(((?:[^()]|\([^()]*\))*)\)\s*$/;

/**
 * What `perf script` prints: each sample weighs 1 and starts with the name of its process. A frame without a symbol
 * gets the name of its object in brackets; an inlined one ends in `_[i]`.
 */
export const perfScript: StackFormat = {
  recognizes: (head) => {
    const lines = Buffer.from(head).toString('latin1').split('\n');
    return lines.some((line, index) => header.test(line) && /^\s+[0-9a-f]+ |^$/.test(lines[index + 1] ?? ''));
  },
  read: async (chunks) => {
    const weights = new Map<string, number>();
    let process: string | undefined;
    let frames: string[] = [];
    let number = 0;
    const endSample = () => {
      if (process === undefined) return;
      const stack = [process, ...frames.reverse()].join(';');
      weights.set(stack, (weights.get(stack) ?? 0) + 1);
      process = undefined;
      frames = [];
    };
    for await (const line of readLines(chunks)) {
      number++;
      if (line.startsWith('#')) continue;
      if (line.trim() === '') {
        endSample();
        continue;
      }
      const start = header.exec(line);
      if (start !== null) {
        endSample();
        process = frameName(start[1]!);
        // Without -g the one frame follows the event on its line.
        const only = /:\s+([0-9a-f]+\s.+ \(.*\))\s*$/.exec(start[2]!);
        if (only !== null) frames.push(readFrame(only[1]!)!);
        continue;
      }
      const name = process === undefined ? undefined : readFrame(line);
      if (name === undefined) {
        throw new KernelscopeError('bad_input', `line ${number} is nothing that perf script prints`, {
          suggestions: [
            'perf script without -F prints what is expected here',
            'folded stacks have --input folded',
          ],
        });
      }
      frames.push(name);
    }
    endSample();
    const stacks: WeightedStack[] = Array.from(weights, ([stack, weight]) => ({ stack, weight }));
    return { stacks, unit: 'count' };
  },
};

function readFrame(line: string): string | undefined {
  const match = frame.exec(line);
  if (match === null) return undefined;
  const [, symbol, object] = match as unknown as [string, string, string];
  if (object === 'inlined') return `${frameName(symbol)}_[i]`;
  if (symbol === '[unknown]') {
    return object.startsWith('[')
      ? frameName(object)
      : `[${frameName(object.slice(object.lastIndexOf('/') + 1))}]`;
  }
  return frameName(symbol.replace(/\+0x[0-9a-f]+$/, ''));
}
