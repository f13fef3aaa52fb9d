import { bpftraceJson } from './bpftrace-json.ts';
import { folded } from './folded.ts';
import { perfScript } from './perf-script.ts';
import { pprof } from './pprof.ts';
import { speedscope } from './speedscope.ts';
import type { StackFormat } from './stack-format.ts';

/** The input formats of stacks by the name that `--input` takes, in the order in which they are tried. */
export const stackFormats = {
  pprof,
  speedscope,
  'bpftrace-json': bpftraceJson,
  'perf-script': perfScript,
  folded,
} as const satisfies Record<string, StackFormat>;

export type StackFormatName = keyof typeof stackFormats;
