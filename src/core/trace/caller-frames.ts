/** Functions of the kernel that lead from a tracepoint into a BPF program, and the program. */
const tracing = /^(?:__traceiter_|__bpf_trace_|bpf_trace_run\d|bpf_prog_|bpf_get_stack)/;

/** The last of them; what follows is the program, whatever name a kernel that does not list programs has for its place. */
const callOfProgram = /^bpf_trace_run\d/;

/** Where an interrupt enters the kernel: on x86-64 and arm64, from 5.8 on; as src/bpf/caller_stacks.c finds it by address. */
const interruptEntry =
  /^(?:asm_sysvec_|(?:asm_(?:common|spurious)_interrupt|asm_exc_xen_hypervisor_callback|el[01][ht]?(?:_(?:32|64))?_irq)(?:_\[k\])?$)/;

/** Frames of the thread that ran into a tracepoint, root first. */
export interface CallerFrames {
  readonly frames: readonly string[];
  /** They are of an interrupt; what it interrupted has nothing to do with them and is left out. */
  readonly isInterrupt: boolean;
}

/** Parts a folded stack, root first, that was walked in a tracepoint from the tracing at its end, and an interrupt from what it interrupted. */
export function callerFrames(stack: string): CallerFrames {
  const frames = stack.split(';');
  const call = frames.findLastIndex((frame) => callOfProgram.test(frame));
  let end = call > 0 ? call : frames.length;
  while (end > 1 && tracing.test(frames[end - 1]!)) end--;
  const own = frames.slice(0, end);
  const entry = own.findLastIndex((frame) => interruptEntry.test(frame));
  return { frames: own.slice(Math.max(entry, 0)), isInterrupt: entry >= 0 };
}
