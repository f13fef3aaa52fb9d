import { blockio } from './blockio.ts';
import { offcpu } from './offcpu.ts';
import { offwake } from './offwake.ts';
import { oncpu } from './oncpu.ts';
import { runqlat } from './runqlat.ts';
import type { TraceProgram } from './trace-program.ts';

/** The programs that can be traced; a new one is one more line here. */
export const tracePrograms: readonly TraceProgram[] = [offcpu, oncpu, offwake, runqlat, blockio];
