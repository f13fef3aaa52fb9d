import { idleFunctions } from './idle-functions.ts';
import type { TraceOptions } from './trace-program.ts';

/** Gives the helper's arguments for what every program can be asked: how long an event must take, and whose it is. */
export function helperArguments(options: TraceOptions): readonly string[] {
  const ns = (us: number) => String(Math.round(us * 1000));
  return [
    ...['--min-ns', ns(options.thresholdUs)],
    ...(options.maxUs === undefined ? [] : ['--max-ns', ns(options.maxUs)]),
    ...options.pids.flatMap((pid) => ['--pid', String(pid)]),
    ...(options.command === undefined ? [] : ['--launched', String(options.command.pid)]),
    ...(options.tids ?? []).flatMap((tid) => ['--tid', String(tid)]),
    ...(options.comms ?? []).flatMap((glob) => ['--comm', glob]),
    ...(options.stateMask === undefined ? [] : ['--state-mask', String(options.stateMask)]),
    ...(options.threads === undefined ? [] : ['--threads', options.threads]),
    ...(options.follow ? ['--follow'] : []),
    ...(options.userStacks ? ['--user-stacks'] : []),
    ...(options.cgroups ?? []).flatMap((folder) => ['--cgroup', folder]),
    ...(options.noIdle ? idleFunctions : []).flatMap((name) => ['--idle-if-known', name]),
    ...(options.idleFunctions ?? []).flatMap((name) => ['--idle', name]),
  ];
}
