import type { EntryColumns } from '../category/entry-columns.ts';
import { offcputime } from '../category/offcputime.ts';
import type { HelperFlush } from './parse-helper-output.ts';
import type { TraceOptions, TraceProgram } from './trace-program.ts';

/** Traces the time that threads spend off the CPU, with the kernel stack that they wait in. */
export const offcpu: TraceProgram = {
  name: 'offcpu',
  summary: 'Trace the time that threads spend off the CPU, by process and kernel stack',
  category: offcputime,
  helperArguments,
  toEntries,
};

function helperArguments(options: TraceOptions): readonly string[] {
  const ns = (us: number) => String(Math.round(us * 1000));
  return [
    ...['--min-ns', ns(options.thresholdUs)],
    ...(options.maxUs === undefined ? [] : ['--max-ns', ns(options.maxUs)]),
    ...options.pids.flatMap((pid) => ['--pid', String(pid)]),
    ...(options.tids ?? []).flatMap((tid) => ['--tid', String(tid)]),
    ...(options.comms ?? []).flatMap((glob) => ['--comm', glob]),
    ...(options.stateMask === undefined ? [] : ['--state-mask', String(options.stateMask)]),
    ...(options.threads === undefined ? [] : ['--threads', options.threads]),
  ];
}

/** Sums the entries of one process, pid and stack text: threads, states, and paths that read the same are one record. */
function toEntries(flush: HelperFlush, stackText: (id: string) => string): EntryColumns {
  const rows = new Map<string, number>();
  const processes: string[] = [];
  const pids: number[] = [];
  const stacks: string[] = [];
  const elapsed: number[] = [];
  for (const { process, pid, stack: id, ns } of flush.entries) {
    const stack = stackText(id);
    const key = `${pid}\0${process}\0${stack}`;
    const row = rows.get(key);
    if (row !== undefined) {
      elapsed[row] = (elapsed[row] as number) + ns;
      continue;
    }
    rows.set(key, processes.length);
    processes.push(process);
    pids.push(pid);
    stacks.push(stack);
    elapsed.push(ns);
  }
  return { category: offcputime, length: processes.length, values: [processes, pids, stacks, elapsed] };
}
