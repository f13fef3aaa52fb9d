import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TraceObstacle } from './why-cannot-trace.ts';

/** What a trace program needs of the kernel besides what every one needs. */
export interface TraceNeeds {
  /** Tracepoints by their names, such as `sched_switch`; of a list one has to be there. */
  readonly tracepoints?: readonly (string | readonly string[])[];
  /** It samples by perf_event_open(2). */
  readonly perfEvents?: boolean;
}

/** Finds what a program needs and the kernel was built without. `perfPath` is there where the kernel has perf events. */
export function missingNeeds(
  needs: TraceNeeds,
  host: { readonly btfPath: string; readonly perfPath: string },
): readonly TraceObstacle[] {
  const obstacles: TraceObstacle[] = [];
  const types = needs.tracepoints === undefined ? [] : readTypes(host.btfPath);
  for (const need of needs.tracepoints ?? []) {
    const names = typeof need === 'string' ? [need] : need;
    if (names.some((name) => types.some((part) => part.includes(`\0btf_trace_${name}\0`, 0, 'latin1'))))
      continue;
    obstacles.push({
      kind: 'tracepoint',
      reason: `the kernel has no tracepoint ${names.join(' or ')}`,
      remedies: ['boot a kernel that has it: those of the distributions do'],
    });
  }
  if (needs.perfEvents && !existsSync(host.perfPath)) {
    obstacles.push({
      kind: 'perf_events',
      reason: `the kernel has no perf events: there is no ${host.perfPath}`,
      remedies: ['the kernel needs CONFIG_PERF_EVENTS=y, and /proc must be mounted'],
    });
  }
  return obstacles;
}

/**
 * Reads the type information of the kernel, and of its modules, which is beside it: for each tracepoint it has a type
 * `btf_trace_<name>`. Anyone may read it, unlike tracefs.
 */
function readTypes(path: string): readonly Buffer[] {
  const folder = dirname(path);
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}
