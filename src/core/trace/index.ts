import { offcpu } from './offcpu.ts';
import type { TraceProgram } from './trace-program.ts';

/** The programs that can be traced; a new one is one more line here. */
export const tracePrograms: readonly TraceProgram[] = [offcpu];
