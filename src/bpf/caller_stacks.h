/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Stacks of who runs into a tracepoint: the layout that caller_stacks.bpf.h and caller_stacks.c share. */
#ifndef KERNELSCOPE_CALLER_STACKS_H
#define KERNELSCOPE_CALLER_STACKS_H

#include "filter.h"

#define MAX_INTERRUPT_ENTRIES 4

/* Where interrupts enter the kernel; what is not used is empty. */
struct interrupt_entries {
	struct code_range ranges[MAX_INTERRUPT_ENTRIES];
};

#endif
