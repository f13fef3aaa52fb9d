import { expect, test } from 'vitest';
import { callerFrames } from '../../../src/core/trace/caller-frames.ts';

const framesOf = (stack: string) => callerFrames(stack).frames.join(';');

test.each([
  ['main;read;try_to_wake_up;bpf_trace_run1;bpf_prog_0123abcd_waking', 'main;read;try_to_wake_up'],
  ['main;read;try_to_wake_up;bpf_trace_run1;[unknown]', 'main;read;try_to_wake_up'],
  ['read;wake;__traceiter_sched_waking;__bpf_trace_template;bpf_trace_run1;[unknown]', 'read;wake'],
  // The end of the kernel's own code, on kernels that do not list programs.
  ['read;wake;bpf_trace_run1;exit_amd_microcode;exit_amd_microcode', 'read;wake'],
  // Frames without a name are the program's only where the tracing stands before them.
  ['main;read;[unknown]', 'main;read;[unknown]'],
  ['main;[unknown];wake;bpf_trace_run2;[unknown]', 'main;[unknown];wake'],
  // Another program further up is what ran.
  ['read;bpf_trace_run1;bpf_prog_1;wake;bpf_trace_run1;[unknown]', 'read;bpf_trace_run1;bpf_prog_1;wake'],
  ['read_[k];wake_[k];bpf_trace_run1_[k];[unknown]_[k]', 'read_[k];wake_[k]'],
  ['bpf_trace_run1', 'bpf_trace_run1'],
  ['[no stack]', '[no stack]'],
])('leaves the tracing out of %s', (stack, own) => {
  expect(framesOf(stack)).toBe(own);
});

test.each([
  [
    'start_secondary;do_idle;halt;asm_sysvec_apic_timer_interrupt;timer;wake',
    'asm_sysvec_apic_timer_interrupt;timer;wake',
  ],
  ['asm_common_interrupt;common_interrupt;wake', 'asm_common_interrupt;common_interrupt;wake'],
  ['el0t_64_sync;read;el1h_64_irq;gic;wake', 'el1h_64_irq;gic;wake'],
  ['read;asm_exc_xen_hypervisor_callback;wake', 'asm_exc_xen_hypervisor_callback;wake'],
  ['el0t_64_irq;gic;wake', 'el0t_64_irq;gic;wake'],
  ['read_[k];el1h_64_irq_[k];gic_[k];wake_[k]', 'el1h_64_irq_[k];gic_[k];wake_[k]'],
  ['el0_sync;read;el1_irq;gic;wake', 'el1_irq;gic;wake'],
  ['read;asm_common_interrupt;softirq;asm_sysvec_reschedule_ipi;wake', 'asm_sysvec_reschedule_ipi;wake'],
])('parts an interrupt from what it interrupted: %s', (stack, own) => {
  expect(callerFrames(stack)).toEqual({ frames: own.split(';'), isInterrupt: true });
});

test.each(['main;asm_exc_page_fault;fault;wake', 'el0t_64_sync;read;wake', 'kthread;run_ksoftirqd;wake'])(
  'takes %s for no interrupt',
  (stack) => {
    expect(callerFrames(stack)).toEqual({ frames: stack.split(';'), isInterrupt: false });
  },
);
