import { KERNEL_MARK, UNKNOWN_FRAME } from './symbolize.ts';

/** Functions of the kernel that lead from a tracepoint into a BPF program, and the program. */
const tracing = /^(?:__traceiter_|__bpf_trace_|bpf_trace_run\d|bpf_prog_|bpf_get_stack)/;

/** Where an interrupt enters the kernel: on x86-64 and arm64, from 5.8 on; as src/bpf/caller_stacks.c finds it by address. */
const interruptEntry =
  /^(?:asm_sysvec_|(?:asm_common_interrupt|asm_spurious_interrupt|el[01][ht]?(?:_(?:32|64))?_irq)(?:_\[k\])?$)/;

/** A frame without a name, which may be marked as one of the kernel. */
const unknown = new Set([UNKNOWN_FRAME, `${UNKNOWN_FRAME}${KERNEL_MARK}`]);

/** Frames of the thread that ran into a tracepoint, root first. */
export interface CallerFrames {
  readonly frames: readonly string[];
  /** They are of an interrupt; what it interrupted has nothing to do with them and is left out. */
  readonly isInterrupt: boolean;
}

/** Parts a folded stack, root first, that was walked in a tracepoint from the tracing at its end, and an interrupt from what it interrupted. */
export function callerFrames(stack: string): CallerFrames {
  const frames = stack.split(';');
  let end = frames.length;
  while (end > 1 && (tracing.test(frames[end - 1]!) || unknown.has(frames[end - 1]!))) end--;
  // Frames without a name at the end are the program's only where the tracing stands between.
  const own = frames.slice(end).some((frame) => tracing.test(frame)) ? frames.slice(0, end) : frames;
  const entry = own.findLastIndex((frame) => interruptEntry.test(frame));
  return { frames: own.slice(Math.max(entry, 0)), isInterrupt: entry >= 0 };
}
