import { entryColumns, type Value } from '../category/define-category.ts';
import type { EntryColumns } from '../category/entry-columns.ts';
import { offcputime } from '../category/offcputime.ts';
import { helperArguments } from './helper-arguments.ts';
import type { HelperFlush } from './parse-helper-output.ts';
import { formatTaskStates } from './task-states.ts';
import type { TraceProgram } from './trace-program.ts';

/** Traces the time that threads spend off the CPU, with the kernel stack that they wait in. */
export const offcpu: TraceProgram = {
  name: 'offcpu',
  summary: 'Trace the time that threads spend off the CPU, by process and kernel stack',
  category: offcputime,
  helperArguments,
  toEntries,
};

/** What the blocks of one process, pid and stack text add up to: threads, states, and paths that read the same. */
interface Sum {
  readonly process: string;
  readonly pid: number;
  readonly stack: string;
  ns: number;
  count: number;
  maxNs: number;
  /** Letters of ps(1). */
  readonly states: Set<string>;
}

/** What can be told of a sum, by the name of the column; the category says which of them there are. */
const valuesOf: Readonly<Record<string, (sum: Sum) => Value>> = {
  process: (sum) => sum.process,
  pid: (sum) => sum.pid,
  stack: (sum) => sum.stack,
  elapsed: (sum) => sum.ns,
  count: (sum) => sum.count,
  max: (sum) => sum.maxNs,
  state: (sum) => [...sum.states].toSorted().join(''),
};

function toEntries(flush: HelperFlush, stackText: (id: string) => string): EntryColumns {
  const sums = new Map<string, Sum>();
  for (const { process, pid, stack: id, ns, count, maxNs, state } of flush.entries) {
    const stack = stackText(id);
    const key = `${pid}\0${process}\0${stack}`;
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { process, pid, stack, ns, count, maxNs, states: new Set(formatTaskStates(state)) });
      continue;
    }
    sum.ns += ns;
    sum.count += count;
    sum.maxNs = Math.max(sum.maxNs, maxNs);
    for (const letter of formatTaskStates(state)) sum.states.add(letter);
  }
  const all = [...sums.values()];
  return {
    category: offcputime,
    length: all.length,
    values: entryColumns(offcputime).map(({ name }) => {
      const read = valuesOf[name];
      return all.map((sum) => (read === undefined ? null : read(sum)));
    }),
  };
}
